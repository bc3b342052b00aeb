#include "connectors/mqtt/machine.hpp"

#include <gtest/gtest.h>

#include "tests/unit/connectors/mqtt/recorded_actions.hpp"

namespace junctor::mqtt {
namespace {

using Log = std::vector<std::string>;
using wire::hex;

PrincipalRef somebody() { return PrincipalRef(new Principal(TenantId{}, "somebody")); }

AuthenticationStep allowed() {
    AuthenticationStep step(AuthenticationStep::Outcome::allow);
    step.principal = somebody();
    return step;
}

/// One machine and what it asked for.
struct Client {
    Machine::Rules rules;
    Machine machine{rules};
    wire::RecordedActions actions;

    explicit Client(const Machine::Rules& chosen = {}) : rules(chosen) { actions.machine = &machine; }

    Log send(std::string_view packet) {
        const ByteBuffer bytes = hex(packet);
        Frame frame;
        EXPECT_EQ(read_head(bytes, frame.head), HeadState::complete);
        frame.body = Bytes(bytes).subspan(frame.head.size);
        EXPECT_EQ(frame.body.size(), frame.head.remaining) << packet;
        if (machine.reads()) machine.received(frame, actions);
        return actions.take();
    }
    Log open(std::string_view connect) {
        send(connect);
        if (machine.awaits_answer() && machine.answered(allowed(), actions)) machine.opened({TenantId{}, "p", false, {}}, actions);
        return actions.take();
    }
    Log settle(Token token, Receipt receipt) {
        machine.settled(token, receipt, actions);
        return actions.take();
    }
};

constexpr const char* connect_v3 = "10 0D 0004 4D515454 04 02 000A 0001 70";
constexpr const char* connect_v5 = "10 0E 0004 4D515454 05 02 000A 00 0001 70";

TEST(MqttMachine, OpensWithOurLimitsAndNothingElse) {
    Client old;
    EXPECT_EQ(old.open(connect_v3), Log{"20020000"});
    Client client;
    EXPECT_EQ(client.open(connect_v5), Log{"20090000" "06" "22000A" "210014"});
    EXPECT_TRUE(client.machine.is_open());
    EXPECT_EQ(client.machine.silence_limit(), std::chrono::seconds(15));
}

TEST(MqttMachine, TellsAVersion5ClientWhatDiffersFromItsWishes) {
    Machine::Rules rules;
    rules.max_keep_alive_s = 5;
    rules.announced_packet_size = 1'024;
    rules.max_session_expiry = std::chrono::seconds(0);
    Client client(rules);
    client.send("10 13 0004 4D515454 05 02 000A 05 11 0000000A 0001 70");  // session expiry 10
    client.machine.answered(allowed(), client.actions);
    client.machine.opened({TenantId{}, "name", true, {}}, client.actions);
    EXPECT_EQ(client.actions.take(), Log{"201D0000" "1A" "22000A" "210014" "2700000400" "1100000000" "1200046E616D65" "130005"});
    EXPECT_EQ(client.machine.silence_limit(), std::chrono::milliseconds(7'500));
}

TEST(MqttMachine, RefusesConnectsInTheIdiomOfTheVersion) {
    struct Row {
        const char* connect;
        Log expected;
    };
    const Row rows[] = {
        {"10 0D 0004 4D515454 06 02 000A 0001 70", {"20020001", "close protocol_error"}},
        {"10 0C 0004 4D515454 04 00 000A 0000", {"20020002", "close protocol_error"}},      // no name, not clean
        {"10 0E 0006 4D5149736470 03 02 000A 0000", {"20020002", "close protocol_error"}},  // 3.1 needs a name
        {"10 0D 0004 4D515454 04 03 000A 0001 70", {"close malformed"}},
        {"30 03 0001 70", {"close protocol_error"}},                                        // not CONNECT
        {"F0 00", {"close protocol_error"}},
        {"10 13 0004 4D515454 05 02 000A 05 2700000000 0001 70", {"close protocol_error"}},  // packet size 0
    };
    for (const Row& row : rows) {
        Client client;
        EXPECT_EQ(client.send(row.connect), row.expected) << row.connect;
        EXPECT_FALSE(client.machine.reads());
    }
}

TEST(MqttMachine, SendsNoConnackThatTheClientCannotTake) {
    Client client;
    EXPECT_EQ(client.open("10 13 0004 4D515454 05 02 000A 05 2700000002 0001 70"), Log{"close protocol_error"});
}

TEST(MqttMachine, TellsWhyItDoesNotLetSomebodyIn) {
    AuthenticationStep denied(AuthenticationStep::Outcome::deny);
    denied.reason = "no";
    Client anonymous;
    anonymous.send(connect_v5);
    EXPECT_FALSE(anonymous.machine.answered(denied, anonymous.actions));
    EXPECT_EQ(anonymous.actions.take(), (Log{"20080087" "05" "1F00026E6F", "close not_authorized"}));
    Client with_password;
    with_password.send("10 13 0004 4D515454 04 C2 000A 0001 70 0001 70 0001 70");
    EXPECT_FALSE(with_password.machine.answered(denied, with_password.actions));
    EXPECT_EQ(with_password.actions.take(), (Log{"20020004", "close not_authenticated"}));
    Client refused;
    refused.send(connect_v3);
    ASSERT_TRUE(refused.machine.answered(allowed(), refused.actions));
    refused.machine.refused(ReasonCode::server_busy, {}, refused.actions);
    EXPECT_EQ(refused.actions.take(), (Log{"20020003", "close overloaded"}));
}

constexpr const char* connect_with_method = "10 16 0004 4D515454 05 02 000A 08 15 0001 6D 16 0001 64 0001 70";

TEST(MqttMachine, RefusesAMethodThatNobodyKnows) {
    AuthenticationStep unknown(AuthenticationStep::Outcome::deny);
    unknown.unjudged = true;
    Client client;
    client.send(connect_with_method);
    EXPECT_FALSE(client.machine.answered(unknown, client.actions));
    EXPECT_EQ(client.actions.take(), (Log{"2003008C00", "close not_authenticated"}));
}

TEST(MqttMachine, LetsInByAMethodThatNeedsNoChallenge) {
    AuthenticationStep only = allowed();
    only.challenge = {0x66};
    Client client;
    client.send(connect_with_method);
    ASSERT_TRUE(client.machine.answered(only, client.actions));
    client.machine.opened({TenantId{}, "p", false, {}}, client.actions);
    EXPECT_EQ(client.actions.take(), Log{"20110000" "0E" "22000A" "210014" "1500016D" "16000166"});
}

TEST(MqttMachine, RefusesWhomTheFirstStepOfAMethodDenies) {
    Client client;
    client.send(connect_with_method);
    EXPECT_FALSE(client.machine.answered(AuthenticationStep(AuthenticationStep::Outcome::deny), client.actions));
    EXPECT_EQ(client.actions.take(), (Log{"2003008700", "close not_authorized"}));
}

TEST(MqttMachine, CarriesAChallengeAndItsAnswer) {
    AuthenticationStep challenge(AuthenticationStep::Outcome::challenge);
    challenge.challenge = {0x63};
    Client client;
    client.send(connect_with_method);
    EXPECT_FALSE(client.machine.answered(challenge, client.actions));
    EXPECT_EQ(client.actions.take(), Log{"F00A18" "08" "1500016D" "16000163"});
    EXPECT_EQ(client.send("F0 0A 18 08 15 0001 6D 16 0001 72"), Log{"continue 72"});
    AuthenticationStep last = allowed();
    last.challenge = {0x66};
    ASSERT_TRUE(client.machine.answered(last, client.actions));
    client.machine.opened({TenantId{}, "p", false, {}}, client.actions);
    EXPECT_EQ(client.actions.take(), Log{"20110000" "0E" "22000A" "210014" "1500016D" "16000166"});
}

TEST(MqttMachine, EndsAChallengeThatIsAnsweredWrongly) {
    AuthenticationStep challenge(AuthenticationStep::Outcome::challenge);
    for (const char* wrong : {"F0 06 18 04 15 0001 6E", "F0 06 19 04 15 0001 6D", "C0 00", "30 04 0001 70 00"}) {
        Client client;
        client.send(connect_with_method);
        client.machine.answered(challenge, client.actions);
        client.actions.take();
        EXPECT_EQ(client.send(wrong).back(), "close protocol_error") << wrong;
        EXPECT_TRUE(client.actions.published.empty());
    }
}

TEST(MqttMachine, TakesNoPacketWhileTheGateThinks) {
    Client client;
    client.send(connect_v3);
    EXPECT_FALSE(client.machine.reads());
    EXPECT_TRUE(client.machine.awaits_answer());
}

TEST(MqttMachine, EndsAConnectionThatBreaksTheRules) {
    struct Row {
        const char* packet;
        const char* reason;
    };
    const Row rows[] = {
        {"10 0D 0004 4D515454 04 02 000A 0001 70", "E00182"},   // a second CONNECT
        {"20 03 00 00 00", "E00182"},
        {"90 03 0001 00", "E00182"},
        {"B0 03 0001 00", "E00182"},
        {"91 03 0001 00", "E00181"},
        {"B8 03 0001 00", "E00181"},
        {"D0 00", "E00182"},
        {"F0 00", "E00182"},
        {"00 00", "E00182"},
        {"C1 00", "E00181"},
        {"30 03 0000 00", "E00181"},
        {"30 07 0001 70 03 23000B", "E00194"},                  // alias over the maximum
        {"30 07 0001 70 03 230000", "E00194"},
        {"30 06 0000 03 230001", "E00194"},                     // alias without a topic yet
        {"82 0F 1234 00 0009 2473686172652F702F 00", "E00182"}, // $share/p/
        {"82 10 1234 00 000A 2473686172652F702F70 04", "E00182"},
        {"E0 07 00 05 1100000001", "E00182"},                   // prolongs a session that was to end
        {"C0 80 00", "E00181"},                                 // a padded length
    };
    for (const Row& row : rows) {
        Client client;
        client.open(connect_v5);
        const Log log = client.send(row.packet);
        ASSERT_EQ(log.size(), 2U) << row.packet;
        EXPECT_EQ(log[0], row.reason) << row.packet;
        EXPECT_TRUE(log[1].starts_with("close ")) << row.packet;
        EXPECT_FALSE(client.machine.reads());
        Client old;
        old.open(connect_v3);
        if (std::string_view(row.packet).starts_with("C0")) continue;
        const Log silent = old.send(row.packet);
        EXPECT_EQ(silent.size(), 1U) << row.packet;
    }
}

TEST(MqttMachine, APingWithContentIsMalformed) {
    for (const char* ping : {"C0 01 00", "D0 01 00"}) {
        Client client;
        client.open(connect_v5);
        EXPECT_EQ(client.send(ping), (Log{"E00181", "close malformed"})) << ping;
    }
}

TEST(MqttMachine, AnswersPings) {
    Client client;
    client.open(connect_v3);
    EXPECT_EQ(client.send("C0 00"), Log{"D000"});
}

TEST(MqttMachine, HandsOverTheWillAndTakesItBackWhenTheClientSaysGoodbye) {
    // Will Delay 3, Message Expiry 9
    constexpr const char* with_will = "10 27 0004 4D515454 05 2E 000A 00 0001 70 0A 18 00000003 02 00000009 0003 742F77 0007 7061796C6F6164";
    Client client;
    client.send(with_will);
    ASSERT_TRUE(client.machine.answered(allowed(), client.actions));
    const auto will = client.machine.take_will();
    ASSERT_NE(will, nullptr);
    EXPECT_EQ(will->topic, "t/w");
    EXPECT_EQ(as_text(will->payload), "payload");
    EXPECT_EQ(will->draft.qos, Qos::at_least_once);
    EXPECT_TRUE(will->draft.retain);
    EXPECT_EQ(will->draft.ttl, std::chrono::seconds(9));
    EXPECT_EQ(will->delay, std::chrono::seconds(3));

    Client polite;
    polite.open(with_will);
    EXPECT_EQ(polite.send("E0 00"), (Log{"forget will", "close normal"}));
    for (const char* other : {"E0 01 04", "E0 01 80"}) {
        Client grim;
        grim.open(with_will);
        EXPECT_EQ(grim.send(other), Log{"close normal"}) << other;
    }
    Client old;
    old.open(connect_v3);
    EXPECT_EQ(old.send("E0 00"), (Log{"forget will", "close normal"}));
}

TEST(MqttMachine, RefusesAWillThatNobodyCouldPublish) {
    std::string levels = "a";
    for (int i = 0; i < 128; ++i) levels += "/a";
    ByteBuffer bytes;
    encode(Connect{Version::v5, true, 0, "p", {}, Will{levels, {}, {}, 0, false}, {}, {}}, Version::v5, bytes);
    Client client;
    EXPECT_EQ(client.send(wire::to_hex(bytes)), (Log{"2003009000", "close protocol_error"}));
}

TEST(MqttMachine, SaysGoodbyeInTheIdiomOfTheVersion) {
    Client client;
    client.open(connect_v5);
    client.machine.end(CloseReason::taken_over, "not shown", client.actions);
    client.machine.end(CloseReason::server_shutdown, {}, client.actions);
    EXPECT_EQ(client.actions.take(), (Log{"E0018E", "close taken_over"}));
    Client revoked;
    revoked.open(connect_v5);
    revoked.machine.end(CloseReason::administrative, "bye", revoked.actions);
    EXPECT_EQ(revoked.actions.take(), (Log{"E00898" "06" "1F0003627965", "close administrative"}));
    Client old;
    old.open(connect_v3);
    old.machine.end(CloseReason::taken_over, {}, old.actions);
    EXPECT_EQ(old.actions.take(), Log{"close taken_over"});
    Client early;
    early.machine.end(CloseReason::server_shutdown, {}, early.actions);
    EXPECT_EQ(early.actions.take(), Log{"close server_shutdown"});
}

}  // namespace
}  // namespace junctor::mqtt
