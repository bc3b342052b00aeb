// What the benchmark's verdicts rest on.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/bench/generator/latency.hpp"
#include "tests/bench/generator/stamp.hpp"
#include "tests/bench/generator/stored_topics.hpp"
#include "tests/bench/generator/stream_check.hpp"
#include "tests/bench/generator/wire.hpp"

namespace bench {
namespace {

struct Heard final : WireEvents {
    void on_ready() override { ++ready; }
    void on_subscribed() override { ++subscribed; }
    void on_acknowledged() override { ++acknowledged; }
    void on_message(std::string_view message) override { messages.emplace_back(message); }

    int ready = 0;
    int subscribed = 0;
    int acknowledged = 0;
    std::vector<std::string> messages;
};

TEST(Stamp, IsFoundWhereItWasWritten) {
    std::string payload(64, '.');
    write_stamp({7, 123'456'789, 1'000'000'000'000}, payload);
    for (const std::string& text : {payload, R"({"op":"message","data":")" + payload + "\"}"}) {
        const auto stamp = find_stamp(text);
        ASSERT_TRUE(stamp);
        EXPECT_EQ(stamp->publisher, 7U);
        EXPECT_EQ(stamp->sequence, 123'456'789U);
        EXPECT_EQ(stamp->due_ns, 1'000'000'000'000U);
    }
    EXPECT_FALSE(find_stamp(std::string_view(payload).substr(0, 39)));
    EXPECT_FALSE(find_stamp("no stamp at all"));
}

TEST(StreamCheck, TellsDuplicatesAndDisorderApart) {
    StreamCheck check;
    for (const std::uint64_t sequence : {0U, 1U, 3U, 2U, 3U, 5000U}) check.arrived(sequence);
    EXPECT_EQ(check.received(), 5U);
    EXPECT_EQ(check.reordered(), 1U);
    EXPECT_EQ(check.duplicated(), 1U);
}

TEST(Latency, PercentilesAreRightToASixteenth) {
    Latency latency;
    for (std::uint64_t us = 1; us <= 1000; ++us) latency.add(us * 1000);
    EXPECT_NEAR(latency.percentile_us(0.5), 500, 500 / 16.0);
    EXPECT_NEAR(latency.percentile_us(0.99), 990, 990 / 16.0);
    EXPECT_EQ(Latency().percentile_us(0.5), 0);
}

TEST(Wire, MqttPacketsAreFoundInAnyPieces) {
    const auto wire = make_wire({}, "client");
    const std::string input = std::string("\x20\x02\x00\x00", 4) + std::string("\x90\x03\x00\x01\x00", 5) + std::string("\x30\x06\x00\x01t", 5) + "abc";
    std::string out;
    Heard heard;
    std::string pending;
    for (const char byte : input) {
        pending += byte;
        pending.erase(0, wire->consume(pending, out, heard));
    }
    EXPECT_EQ(heard.ready, 1);
    EXPECT_EQ(heard.subscribed, 1);
    EXPECT_EQ(heard.messages, std::vector<std::string>{"abc"});
}

TEST(Wire, MqttQos1And2AreAcknowledgedBothWays) {
    Options options;
    options.qos = 2;
    const auto wire = make_wire(options, "client");
    std::string out;
    wire->append_publish("t", "x", out);
    EXPECT_EQ(out, std::string("\x34\x06\x00\x01t\x00\x01x", 8));
    out.clear();
    Heard heard;
    const std::string pubrec_and_pubcomp("\x50\x02\x00\x01\x70\x02\x00\x01", 8);
    wire->consume(pubrec_and_pubcomp, out, heard);
    EXPECT_EQ(out, std::string("\x62\x02\x00\x01", 4));
    EXPECT_EQ(heard.acknowledged, 1);
    out.clear();
    const std::string of_qos_1("\x32\x06\x00\x01t\x00\x07y", 8);
    const std::string of_qos_2_and_pubrel("\x34\x06\x00\x01t\x00\x09z\x62\x02\x00\x09", 12);
    wire->consume(of_qos_1 + of_qos_2_and_pubrel, out, heard);
    EXPECT_EQ(out, std::string("\x40\x02\x00\x07\x50\x02\x00\x09\x70\x02\x00\x09", 12));
    EXPECT_EQ(heard.messages, (std::vector<std::string>{"y", "z"}));
}

TEST(StoredTopics, EveryMessageHasOneReceiver) {
    const StoredTopics topics("p", 6, 4);
    EXPECT_EQ(topics.filter(3), "p/d3/a/temperature");
    EXPECT_EQ(topics.filter(4), "p/d4/+/temperature");
    EXPECT_EQ(topics.filter(5), "p/d5/#");
    EXPECT_EQ(topics.topic(1), "p/d5/a/temperature");  // 7,919 modulo 6
    EXPECT_EQ(topics.receiver(1), 1U);
}

TEST(Wire, ARefusedConnectionEndsTheRun) {
    const auto wire = make_wire({}, "client");
    std::string out;
    Heard heard;
    EXPECT_THROW(wire->consume(std::string_view("\x20\x02\x00\x05", 4), out, heard), std::runtime_error);
}

TEST(Wire, WebsocketUpgradesAndCarriesPacketsAcrossFrames) {
    Options options;
    options.protocol = Protocol::mqtt_over_websocket;
    const auto wire = make_wire(options, "client");
    std::string out;
    Heard heard;
    EXPECT_EQ(wire->consume("HTTP/1.1 101 Switching Protocols\r\n\r\n", out, heard), 36U);
    EXPECT_EQ(static_cast<unsigned char>(out.at(0)), 0x82);  // CONNECT in a binary frame

    const std::string first = std::string("\x82\x06\x20\x02\x00\x00\x30\x06", 8);
    const std::string second = std::string("\x82\x06\x00\x01t", 5) + "abc";
    EXPECT_EQ(wire->consume(first + second, out, heard), first.size() + second.size());
    EXPECT_EQ(heard.ready, 1);
    EXPECT_EQ(heard.messages, std::vector<std::string>{"abc"});
}

TEST(Wire, JsonOperationsAreToldApart) {
    Options options;
    options.protocol = Protocol::json_over_websocket;
    const auto wire = make_wire(options, "client");
    std::string out;
    Heard heard;
    wire->consume("HTTP/1.1 101 Switching Protocols\r\n\r\n", out, heard);
    const std::string ack = R"({"op":"ack","id":1})";
    const std::string message = R"({"op":"message","topic":"t","data":"x"})";
    for (const std::string& text : {ack, message}) wire->consume(std::string("\x81") + static_cast<char>(text.size()) + text, out, heard);
    EXPECT_EQ(heard.ready, 1);
    EXPECT_EQ(heard.subscribed, 1);
    EXPECT_EQ(heard.messages, std::vector<std::string>{message});
}

}  // namespace
}  // namespace bench
