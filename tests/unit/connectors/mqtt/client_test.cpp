#include "connectors/mqtt/client.hpp"

#include <gtest/gtest.h>

#include "connectors/mqtt/client_mapping.hpp"
#include "tests/unit/connectors/mqtt/bytes.hpp"

namespace junctor::mqtt {
namespace {

using namespace std::chrono_literals;
using wire::hex;
using wire::to_hex;

/// A server that answers every packet from a script.
class ScriptedStream final : public BlockingStream {
public:
    struct Log {
        std::vector<std::string> sent;
        std::vector<std::string> answers;  ///< one per packet sent; then silence
    };

    explicit ScriptedStream(Log& log) : log_(log) {}

    void send(Bytes bytes) override {
        log_.sent.push_back(to_hex(bytes));
        if (log_.sent.size() <= log_.answers.size()) append(waiting_, hex(log_.answers[log_.sent.size() - 1]));
    }
    std::size_t receive(std::span<std::uint8_t> into, Duration) override {
        // In pieces of three bytes: no packet comes whole.
        const std::size_t count = std::min({waiting_.size(), into.size(), std::size_t{3}});
        std::copy_n(waiting_.begin(), count, into.begin());
        waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(count));
        return count;
    }

private:
    Log& log_;
    ByteBuffer waiting_;
};

constexpr const char* connack = "20 09 00 00 06 22000A 210014";

std::unique_ptr<MqttClient> connect(ScriptedStream::Log& log, std::vector<std::string> answers) {
    log.answers = std::move(answers);
    log.answers.insert(log.answers.begin(), connack);
    ClientOptions options;
    options.client_id = "me";
    options.timeout = 20ms;
    return std::make_unique<MqttClient>(std::make_unique<ScriptedStream>(log), options);
}

std::string code_of(const std::function<void()>& call) {
    try {
        call();
    } catch (const ClientError& error) {
        return error.code;
    }
    return "none";
}

ClientMessage message(Qos qos) {
    ClientMessage message;
    message.topic = "t";
    message.payload = {0x6D};
    message.qos = qos;
    return message;
}

TEST(MqttClient, SaysHelloAndGoodbye) {
    ScriptedStream::Log log;
    connect(log, {}).reset();
    EXPECT_EQ(log.sent, (std::vector<std::string>{"100F00044D51545405020000" "00" "00026D65", "E000"}));
}

TEST(MqttClient, ADurableSessionAcknowledgesWhatItHandsOut) {
    ScriptedStream::Log log;
    log.answers = {std::string(connack) + "32 07 0001 74 0009 00 6D"};
    ClientOptions options;
    options.client_id = "me";
    options.session_expiry = 90s;
    options.timeout = 20ms;
    MqttClient client(std::make_unique<ScriptedStream>(log), options);
    EXPECT_EQ(log.sent, (std::vector<std::string>{"101400044D51545405000000" "05110000005A" "00026D65"}));
    ASSERT_TRUE(client.receive(20ms));
    EXPECT_EQ(log.sent.back(), "40020009");
}

TEST(MqttClient, TellsWhyItWasRefused) {
    ScriptedStream::Log log;
    log.answers = {"20 08 00 87 05 1F 0002 6E6F"};
    EXPECT_EQ(code_of([&] { MqttClient(std::make_unique<ScriptedStream>(log), {}); }), "0x87");
    log = {};
    ClientOptions impatient;
    impatient.timeout = 5ms;
    EXPECT_EQ(code_of([&] { MqttClient(std::make_unique<ScriptedStream>(log), impatient); }), "timed_out");
}

TEST(MqttClient, WaitsForTheAcknowledgementOfEachLevel) {
    ScriptedStream::Log log;
    auto client = connect(log, {"", "40 02 0001", "50 02 0002", "70 02 0002"});
    client->publish(message(Qos::at_most_once));
    client->publish(message(Qos::at_least_once));
    client->publish(message(Qos::exactly_once));
    log.sent.erase(log.sent.begin());
    EXPECT_EQ(log.sent, (std::vector<std::string>{"3005000174006D", "32070001740001006D", "34070001740002006D", "62020002"}));
}

TEST(MqttClient, TellsWhatTheServerRefuses) {
    ScriptedStream::Log log;
    auto client = connect(log, {"40 03 0001 87", "90 04 0002 00 8F", "B0 04 0003 00 80"});
    EXPECT_EQ(code_of([&] { client->publish(message(Qos::at_least_once)); }), "0x87");
    EXPECT_EQ(code_of([&] { client->subscribe("a/#/b", Qos::at_most_once); }), "0x8F");
    EXPECT_EQ(code_of([&] { client->unsubscribe("a"); }), "0x80");
    EXPECT_EQ(code_of([&] { client->publish(message(Qos::at_least_once)); }), "timed_out");
    EXPECT_THROW(client->publish([] { ClientMessage bad = message(Qos::at_most_once); bad.topic = "a/+"; return bad; }()), ClientError);
}

TEST(MqttClient, ReceivesAndAcknowledgesEachLevel) {
    ScriptedStream::Log log;
    // The SUBACK comes behind the first message; the repetition of the QoS 2 message is not shown.
    auto client = connect(log, {"30 05 0001 61 00 31  90 04 0001 00 02  32 07 0001 62 0007 00 32  34 07 0001 63 0008 00 33 "
                                "3C 07 0001 63 0008 00 33  62 02 0008"});
    client->subscribe("#", Qos::exactly_once);
    std::string seen;
    while (const auto one = client->receive(5ms)) seen += one->topic + std::string(as_text(one->payload)) + " ";
    EXPECT_EQ(seen, "a1 b2 c3 ");
    log.sent.erase(log.sent.begin(), log.sent.begin() + 2);
    EXPECT_EQ(log.sent, (std::vector<std::string>{"40020007", "50020008", "50020008", "70020008"}));
}

TEST(MqttClient, TellsWhyTheServerEndedTheConnection) {
    ScriptedStream::Log log;
    auto client = connect(log, {"90 04 0001 00 00 E0 01 8E"});
    client->subscribe("#", Qos::at_most_once);
    EXPECT_EQ(code_of([&] { client->receive(5ms); }), "0x8E");
}

TEST(MqttClientMapping, CarriesEverythingBothWays) {
    ClientMessage message;
    message.ttl = 90s;
    message.extras.content_type = "c";
    message.extras.reply_to = "r";
    message.extras.correlation = {1, 2};
    message.extras.headers = {{"k", "v"}, {"k", "w"}};
    message.extras.is_text = true;
    const ByteBuffer block = to_properties(message);
    const ClientMessage same = to_client_message(Publish{"t", as_bytes("p"), Properties(Bytes(block)), 0, 1, true, false});
    EXPECT_EQ(same.topic, "t");
    EXPECT_EQ(as_text(same.payload), "p");
    EXPECT_EQ(same.qos, Qos::at_least_once);
    EXPECT_TRUE(same.retain);
    EXPECT_EQ(same.ttl, message.ttl);
    EXPECT_EQ(same.extras.content_type, "c");
    EXPECT_EQ(same.extras.reply_to, "r");
    EXPECT_EQ(same.extras.correlation, message.extras.correlation);
    EXPECT_EQ(same.extras.headers, message.extras.headers);
    EXPECT_TRUE(same.extras.is_text);
}

TEST(MqttClientMapping, ReadsUrls) {
    struct Row {
        const char* url;
        const char* host;
        const char* port;
        bool tls;
    };
    const Row rows[] = {
        {"mqtt://h", "h", "1883", false},        {"mqtts://h/", "h", "8883", true},
        {"mqtt://127.0.0.1:9/x", "127.0.0.1", "9", false}, {"mqtt://[::1]:9", "::1", "9", false},
        {"mqtt://[::1]", "::1", "1883", false},
    };
    for (const Row& row : rows) {
        ClientOptions options;
        options.url = row.url;
        const BlockingStream::Options how = to_stream_options(options);
        EXPECT_EQ(how.host, row.host) << row.url;
        EXPECT_EQ(how.port, row.port) << row.url;
        EXPECT_EQ(how.tls, row.tls) << row.url;
    }
    for (const char* bad : {"http://h", "mqtt://", "mqtt://:1", "mqtt://h:", "mqtt://[::1"}) {
        ClientOptions options;
        options.url = bad;
        EXPECT_THROW(to_stream_options(options), ClientError) << bad;
    }
}

}  // namespace
}  // namespace junctor::mqtt
