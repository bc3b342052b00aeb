#include <functional>

#include "tests/unit/connectors/mqtt/open_client.hpp"

// The sentence that may go with an answer, and the answer that has to go without it.
namespace junctor::mqtt::wire {
namespace {

constexpr std::string_view sentence = "the policy says no";

std::string number(std::size_t value, int digits) {
    char text[16];
    std::snprintf(text, sizeof text, "%0*X", digits, static_cast<unsigned>(value));
    return text;
}

std::string length(std::size_t size) {
    return size < 128 ? number(size, 2) : number(size % 128 | 0x80, 2) + number(size / 128, 2);
}

/// Properties of CONNECT: Maximum Packet Size, and Request Problem Information 0 from who does not want to know.
std::string wishes(std::size_t packet_limit, bool wants_reasons = true) {
    const std::string limit = "27" + number(packet_limit, 8);
    return wants_reasons ? "05" + limit : "07" + limit + "1700";
}

/// An answer, the first byte of its packet, and the packet's size without the sentence.
struct Answer {
    const char* first;
    std::size_t bare_size;
    std::function<Log(OpenClient&)> provoke;
};

Answer to_publish(const char* first, const char* packet) {
    return {first, 5, [packet](OpenClient& client) {
                client.actions.settle_publish = Receipt{Errc::denied, 0, sentence, {}};
                return client.send(packet);
            }};
}

Answer to_filters(const char* first, const char* request, const char* filter, std::size_t count) {
    return {first, 5 + count, [=](OpenClient& client) {
                std::string body = "000100";
                for (std::size_t each = 0; each < count; ++each) body += filter;
                client.send(request + length(body.size() / 2) + body);
                const std::vector<Errc> denied(count, Errc::denied);
                return client.settle(client.actions.last_token, Receipt{Errc::ok, 0, sentence, denied});
            }};
}

std::vector<Answer> answers() {
    return {
        to_publish("40", "32 06 0001 74 0001 00"),
        to_publish("50", "34 06 0001 74 0007 00"),
        to_filters("90", "82", "00016100", 1),
        to_filters("90", "82", "00016100", 70),
        to_filters("B0", "A2", "000161", 1),
        to_filters("B0", "A2", "000161", 70),
        {"E0", 3,
         [](OpenClient& client) {
             client.machine.end(CloseReason::not_authorized, sentence, client.actions);
             return client.actions.take();
         }},
    };
}

/// The one packet among what the machine did; empty: it sent none.
std::string packet_of(const Log& log) {
    std::string packet;
    for (const std::string& line : log) {
        if (line.find_first_not_of("0123456789ABCDEF") != std::string::npos) continue;
        EXPECT_TRUE(packet.empty()) << "two packets";
        packet = line;
    }
    return packet;
}

constexpr std::size_t least_limit = 40;  // CONNACK has to fit
constexpr std::size_t large_limit = 200;

bool tells(const std::string& packet) { return packet.find(to_hex(as_bytes(sentence))) != std::string::npos; }

/// Name of the property, as its identifier and the length of its text.
std::string property() { return "1F" + number(sentence.size(), 4) + to_hex(as_bytes(sentence)); }

}  // namespace

TEST(MqttReasonString, IsLeftOutWhereItMakesThePacketTooLarge) {
    for (const Answer& answer : answers()) {
        bool told = false;
        for (std::size_t limit = std::max(answer.bare_size, least_limit); limit <= large_limit; ++limit) {
            OpenClient client(Version::v5, wishes(limit));
            const std::string packet = packet_of(answer.provoke(client));
            ASSERT_EQ(packet.substr(0, 2), answer.first) << answer.bare_size << " bytes fit into " << limit;
            EXPECT_LE(packet.size() / 2, limit);
            told = tells(packet);
        }
        EXPECT_TRUE(told) << answer.first << ": there was room in the end";
    }
}

TEST(MqttReasonString, IsTheOnlyPropertyOfAnAnswer) {
    for (const Answer& answer : answers()) {
        OpenClient client(Version::v5, wishes(large_limit));
        const std::string packet = packet_of(answer.provoke(client));
        const std::size_t at = packet.find(property());
        ASSERT_NE(at, std::string::npos) << answer.first;
        EXPECT_EQ(packet.substr(at - 2, 2), number(property().size() / 2, 2)) << "no User Property beside it";
    }
}

TEST(MqttReasonString, ComesOnlyWithDisconnectToWhoDoesNotWantIt) {
    for (const Answer& answer : answers()) {
        OpenClient client(Version::v5, wishes(large_limit, false));
        const std::string packet = packet_of(answer.provoke(client));
        EXPECT_TRUE(!tells(packet) || packet.starts_with("E0"));
        EXPECT_GE(packet.size() / 2, answer.bare_size - 1) << "the answer itself comes";
    }
}

TEST(MqttReasonString, NeverComesWithPubrelPubcompAndAuth) {
    for (const std::size_t limit : {least_limit, large_limit}) {
        OpenClient client(Version::v5, wishes(limit));
        EXPECT_EQ(client.send("62 02 0009"), Log{"70020009"});
        EXPECT_EQ(client.send("50 02 0009"), Log{"62020009"});
    }
    Machine::Rules rules;
    Machine machine(rules);
    RecordedActions actions;
    machine.received(frame_of(hex("10 18 0004 4D515454 05 02 0000 09 1500016D 2700000010 0002 7071")), actions);
    AuthenticationStep challenge(AuthenticationStep::Outcome::challenge);
    challenge.challenge = {0x63};
    challenge.reason = sentence;
    EXPECT_FALSE(machine.answered(challenge, actions));
    EXPECT_EQ(actions.take().back(), "F00A18" "08" "1500016D" "16000163");
}

TEST(MqttReasonString, IsLeftOutOfAConnackThatWouldBeTooLarge) {
    for (std::size_t limit = 5; limit <= large_limit; ++limit) {
        Machine::Rules rules;
        Machine machine(rules);
        RecordedActions actions;
        machine.received(frame_of(hex("10 14 0004 4D515454 05 02 0000 05 27" + number(limit, 8) + "0002 7071")), actions);
        AuthenticationStep no(AuthenticationStep::Outcome::deny);
        no.reason = sentence;
        EXPECT_FALSE(machine.answered(no, actions));
        const std::string packet = packet_of(actions.take());
        ASSERT_EQ(packet.substr(0, 2), "20") << limit;
        EXPECT_LE(packet.size() / 2, limit);
        EXPECT_TRUE(limit < large_limit || tells(packet)) << "there was room in the end";
    }
}

}  // namespace junctor::mqtt::wire
