#include "connectors/websocket/codec.hpp"

#include <gtest/gtest.h>

#include <string>

namespace junctor::websocket {
namespace {

using namespace std::string_view_literals;
using namespace std::chrono_literals;

std::string encoded(const Operation& operation) {
    ByteBuffer out;
    append_operation(out, operation);
    return std::string(as_text(out));
}

std::string encoded(const Message& message) {
    ByteBuffer out;
    append_message(out, message);
    return std::string(as_text(out));
}

Message text_message(std::string_view topic, std::string_view data) {
    Message message;
    message.topic = topic;
    message.data = as_bytes(data);
    return message;
}

TEST(Encode, AnswersAreTheShortestThatSayIt) {
    EXPECT_EQ(encoded({.op = Op::ack, .id = "2"}), R"({"op":"ack","id":2})");
    EXPECT_EQ(encoded({.op = Op::error, .id = "\"x\"", .code = "denied", .reason = "no \"rule\""}),
              R"({"op":"error","id":"x","code":"denied","reason":"no \"rule\""})");
    EXPECT_EQ(encoded({.op = Op::error, .code = "bad_request"}), R"({"op":"error","code":"bad_request"})");
    EXPECT_EQ(encoded({.op = Op::pong}), R"({"op":"pong"})");
}

TEST(Encode, APlainMessageHasThreeFields) {
    EXPECT_EQ(encoded(text_message("a/b", "text")), R"({"op":"message","topic":"a/b","data":"text"})");
    EXPECT_EQ(encoded(text_message("a", "")), R"({"op":"message","topic":"a","data":""})");
}

TEST(Encode, AFullMessage) {
    Message message = text_message("a", "x");
    message.qos = 1;
    message.retain = true;
    message.content_type = "text/plain";
    message.headers = {{"k", "v"}, {"l", "w"}};
    message.reply_to = "$inbox/0/1";
    message.correlation = as_bytes("c");
    message.ttl = 1500ms;
    EXPECT_EQ(encoded(message), R"({"op":"message","qos":1,"retain":true,"topic":"a","data":"x","content_type":"text/plain",)"
                                R"("headers":{"k":"v","l":"w"},"reply_to":"$inbox/0/1","correlation":"c","ttl":1.5})");
}

TEST(Encode, BytesThatAreNotTextGoAsBase64) {
    Message message = text_message("a", "\xff\x00"sv);
    message.correlation = as_bytes("\x80");
    EXPECT_EQ(encoded(message), R"({"op":"message","topic":"a","data_base64":"/wA=","correlation_base64":"gA=="})");
    EXPECT_EQ(encoded(text_message("a", "\0"sv)), R"({"op":"message","topic":"a","data":"\u0000"})");
}

TEST(Encode, DuplicateHeadersBecomePairs) {
    Message message = text_message("a", "");
    message.headers = {{"k", "1"}, {"j", "2"}, {"k", "3"}};
    EXPECT_EQ(encoded(message), R"({"op":"message","topic":"a","data":"","headers":[["k","1"],["j","2"],["k","3"]]})");
}

TEST(Encode, AHeaderThatIsNotTextNeverBreaksTheFrame) {
    Message message = text_message("a", "");
    message.headers = {{"k\xff", "\xc3v"}};
    EXPECT_EQ(encoded(message), "{\"op\":\"message\",\"topic\":\"a\",\"data\":\"\",\"headers\":{\"k\xef\xbf\xbd\":\"\xef\xbf\xbdv\"}}");
}

TEST(Encode, DurationsAreSeconds) {
    Message message = text_message("a", "");
    const std::pair<Duration, std::string_view> table[] = {{30s, "30"}, {1ms, "0.001"}, {10ms, "0.01"}, {1s + 230ms, "1.23"}, {1ns, "0.001"}, {24h, "86400"}};
    for (const auto& [ttl, text] : table) {
        message.ttl = ttl;
        EXPECT_EQ(encoded(message), R"({"op":"message","topic":"a","data":"","ttl":)" + std::string(text) + "}");
    }
}

TEST(Encode, HeadAndTailMakeTheWhole) {
    for (const std::uint8_t qos : {std::uint8_t{0}, std::uint8_t{1}, std::uint8_t{2}})
        for (const bool retain : {false, true}) {
            Message message = text_message("a", "b");
            message.qos = qos;
            message.retain = retain;
            EXPECT_EQ(encoded(message), encoded(Operation{.op = Op::message, .message = message}));
        }
}

struct Decoded {
    std::optional<Fault> fault;
    Operation operation;
};

class Decode : public testing::Test {
protected:
    Operation operation(std::string text) {
        text_ = std::move(text);
        Operation out;
        const std::optional<Fault> fault = decoder_.decode(text_, out);
        EXPECT_FALSE(fault) << text_ << ": " << fault->reason;
        return out;
    }
    Fault fault(std::string text) {
        text_ = std::move(text);
        Operation out;
        std::optional<Fault> found = decoder_.decode(text_, out);
        EXPECT_TRUE(found) << text_;
        return found.value_or(Fault{});
    }

    std::string text_;
    OperationDecoder decoder_{Sender::client, {.nesting = 8, .headers = 3, .bytes = 100'000}};
};

TEST_F(Decode, TheExamplesOfTheProtocol) {
    const Operation subscribe = operation(R"({"op":"subscribe","id":1,"filter":"a/#","qos":1})");
    EXPECT_EQ(subscribe.op, Op::subscribe);
    EXPECT_EQ(subscribe.id, "1");
    EXPECT_EQ(subscribe.filter, "a/#");
    EXPECT_EQ(subscribe.message.qos, 1);
    const Operation publish = operation(R"({"op":"publish","id":2,"topic":"a/b","data":"text"})");
    EXPECT_EQ(publish.op, Op::publish);
    EXPECT_EQ(publish.message.topic, "a/b");
    EXPECT_EQ(as_text(publish.message.data), "text");
    EXPECT_EQ(publish.message.content_type, "");
}

TEST_F(Decode, EveryOpOfAClient) {
    EXPECT_EQ(operation(R"({"op":"hello","name":"n"})").name, "n");
    EXPECT_EQ(operation(R"({"op":"unsubscribe","filter":"f"})").op, Op::unsubscribe);
    EXPECT_EQ(operation(R"({"op":"send","topic":"t"})").op, Op::send);
    EXPECT_EQ(operation(R"({"op":"request","id":1,"topic":"t","timeout":"5s"})").timeout, 5s);
    EXPECT_EQ(operation(R"({"op":"reply","reply_to":"r","correlation":"c"})").message.reply_to, "r");
    EXPECT_EQ(operation(R"({"op":"ping"})").op, Op::ping);
}

TEST_F(Decode, IdsStayAsTheyWereWritten) {
    for (const std::string_view id : {"0", "-0", "1.0", "1e3", "123456789012345678901234567890", "-1.50", "\"x\"", "\"\"", "\"\\u0041\\n\""})
        EXPECT_EQ(operation(R"({"op":"ping","id":)" + std::string(id) + "}").id, id);
}

TEST_F(Decode, OtherIdsAreRefusedAndNotEchoed) {
    for (const std::string_view id : {"null", "true", "[1]", "{}"}) {
        const Fault bad = fault(R"({"op":"ping","id":)" + std::string(id) + "}");
        EXPECT_EQ(bad.kind, FaultKind::bad_field);
        EXPECT_EQ(bad.id, "");
    }
    EXPECT_EQ(fault(R"({"op":"ping","id":)" + std::string(257, '1') + "}").kind, FaultKind::bad_field);
    operation(R"({"op":"ping","id":)" + std::string(256, '1') + "}");
}

TEST_F(Decode, TheIdOfABadFrameIsKnown) { EXPECT_EQ(fault(R"({"op":"nope","id":7})").id, "7"); }

TEST_F(Decode, TheFullMessage) {
    const Operation out = operation(R"({"topic":"t","data":"d","qos":2,"retain":true,"ttl":1.5,"content_type":"ct","headers":{"b":"1","a":"2"},)"
                                    R"("reply_to":"r","correlation":"c","op":"publish"})");
    const Message& message = out.message;
    EXPECT_EQ(message.qos, 2);
    EXPECT_TRUE(message.retain);
    EXPECT_EQ(message.ttl, 1500ms);
    EXPECT_EQ(message.content_type, "ct");
    EXPECT_EQ(message.headers, (std::vector<HeaderView>{{"b", "1"}, {"a", "2"}}));
    EXPECT_EQ(message.reply_to, "r");
    EXPECT_EQ(as_text(message.correlation), "c");
}

TEST_F(Decode, EscapesEverywhere) {
    const Operation out = operation(R"({"\u006fp":"publi\u0073h","topic":"\u0061/\u00e9","data":"\ud83d\ude00\n","headers":[["\u006b","\t"],["k","2"]]})");
    EXPECT_EQ(out.message.topic, "a/\xc3\xa9");
    EXPECT_EQ(as_text(out.message.data), "\xf0\x9f\x98\x80\n");
    EXPECT_EQ(out.message.headers, (std::vector<HeaderView>{{"k", "\t"}, {"k", "2"}}));
}

TEST_F(Decode, DataOfAnotherTypeIsItsText) {
    for (const std::string_view value : {"{\"a\": [1,  2.50]}", "[]", "1e3", "true", "null"}) {
        const Operation out = operation(R"({"op":"publish","topic":"t","data":)" + std::string(value) + "}");
        EXPECT_EQ(as_text(out.message.data), value);
        EXPECT_EQ(out.message.content_type, "application/json");
    }
    EXPECT_EQ(operation(R"({"op":"publish","topic":"t","content_type":"x/y","data":{}})").message.content_type, "x/y");
}

TEST_F(Decode, Base64AlsoWithEscapedSlashes) {
    EXPECT_EQ(as_text(operation(R"({"op":"publish","topic":"t","data_base64":"/wA="})").message.data), "\xff\0"sv);
    EXPECT_EQ(as_text(operation(R"({"op":"publish","topic":"t","data_base64":"\/wA="})").message.data), "\xff\0"sv);
    EXPECT_EQ(as_text(operation(R"({"op":"reply","reply_to":"t","correlation_base64":"gA"})").message.correlation), "\x80");
    EXPECT_EQ(fault(R"({"op":"publish","topic":"t","data_base64":"_w=="})").kind, FaultKind::bad_field);
}

TEST_F(Decode, FieldsAreChecked) {
    for (const std::string_view fields : {R"("qos":3)", R"("qos":1.0)", R"("qos":"1")", R"("retain":1)", R"("ttl":0)", R"("ttl":-1)", R"("ttl":"x")", R"("ttl":true)",
                                          R"("content_type":1)", R"("headers":1)", R"("headers":{"a":1})", R"("headers":{"":"x"})", R"("headers":["a"])",
                                          R"("headers":[["a"]])", R"("headers":[["a","b","c"]])", R"("headers":[[1,"b"]])", R"("reply_to":{})",
                                          R"("correlation":1)", R"("data":"a","data_base64":"")", R"("correlation":"a","correlation_base64":"")", R"("topic":"u")"})
        EXPECT_EQ(fault(R"({"op":"publish","topic":"t",)" + std::string(fields) + "}").kind, FaultKind::bad_field) << fields;
    EXPECT_EQ(fault(R"({"op":"publish","topic":"t","headers":{"a":"","b":"","c":"","d":""}})").kind, FaultKind::too_large);
}

TEST_F(Decode, WhatIsMissingIsNamed) {
    EXPECT_EQ(fault(R"({"op":"publish","data":"x"})").reason, "`topic` is missing");
    EXPECT_EQ(fault(R"({"op":"request","topic":"x"})").reason, "`id` is missing");
    EXPECT_EQ(fault(R"({"op":"reply","data":"x"})").reason, "`reply_to` is missing");
    EXPECT_EQ(fault(R"({})").kind, FaultKind::unknown_op);
    EXPECT_EQ(fault(R"({"op":1})").kind, FaultKind::bad_field);
}

TEST_F(Decode, UnknownNamesComeWithTheKnownOnes) {
    const Fault op = fault(R"({"op":"publsh","topic":"x"})");
    EXPECT_EQ(op.kind, FaultKind::unknown_op);
    EXPECT_EQ(op.unknown, "publsh");
    EXPECT_EQ(op.choices.size(), 13u);
    const Fault field = fault(R"({"op":"subscribe","filter":"x","fliter":"y"})");
    EXPECT_EQ(field.kind, FaultKind::unknown_field);
    EXPECT_EQ(field.unknown, "fliter");
    EXPECT_EQ(field.choices, (std::vector<std::string>{"op", "id", "filter", "qos", "from", "epoch", "offset"}));
    EXPECT_EQ(fault(R"({"op":"subscribe","filter":"x","topic":"y"})").unknown, "topic");
    EXPECT_EQ(fault(R"({"op":"pong","id":1})").kind, FaultKind::unknown_op) << "only the gateway says pong";
}

TEST_F(Decode, ALongUnknownNameIsCutBetweenCharacters) {
    const Fault field = fault(R"({"op":"ping",")" + std::string(63, 'x') + "\xe2\x82\xac" + std::string(900, 'y') + R"(":1})");
    EXPECT_EQ(field.unknown, std::string(63, 'x') + "...");
}

TEST_F(Decode, BadFramesByKind) {
    const std::pair<std::string, FaultKind> table[] = {
        {"", FaultKind::bad_json},          {"{", FaultKind::bad_json},
        {"[]", FaultKind::bad_json},        {"\"op\"", FaultKind::bad_json},
        {std::string(1'000, '['), FaultKind::too_deep},
        {R"({"op":"publish","topic":"a","data":)" + std::string(90'000, '[') + "}", FaultKind::too_deep},
        {"{\"op\":\"\xff\"}", FaultKind::bad_utf8},
        {R"({"op":"\ud800"})", FaultKind::bad_utf8},
        {std::string(100'001, ' '), FaultKind::too_large},
    };
    for (const auto& [text, kind] : table) EXPECT_EQ(fault(text).kind, kind) << text.substr(0, 50);
}

TEST_F(Decode, AFloodOfNamesIsOneFault) {
    std::string text = R"({"op":"ping")";
    for (int number = 0; number < 5'000; ++number) text += ",\"n" + std::to_string(number) + "\":0";
    EXPECT_EQ(fault(text + "}").kind, FaultKind::unknown_field);
}

TEST_F(Decode, AfterAFaultTheNextFrameIsReadAfresh) {
    fault(R"({"op":"publish","id":3,"topic":"x","retain":3})");
    const Operation out = operation(R"({"op":"ping"})");
    EXPECT_EQ(out.id, "");
    EXPECT_EQ(out.message.topic, "");
}

TEST(RoundTrip, WhatAClientEncodesAGatewayReadsAndTheOtherWayRound) {
    Message message = text_message("t/\"", "\xff\n");
    message.qos = 1;
    message.retain = true;
    message.content_type = "c";
    message.headers = {{"a", "1"}, {"a", "\t"}};
    message.reply_to = "r";
    message.correlation = as_bytes("\x01\xfe");
    message.ttl = 2s;
    for (const auto& [op, sender] : {std::pair{Op::publish, Sender::client}, {Op::message, Sender::gateway}, {Op::reply, Sender::gateway}}) {
        message.topic = op == Op::reply ? ""sv : "t/\""sv;
        const Operation sent{.op = op, .id = op == Op::message ? ""sv : "5"sv, .message = message};
        const std::string text = encoded(sent);
        OperationDecoder decoder(sender, {});
        Operation got;
        const std::optional<Fault> fault = decoder.decode(text, got);
        ASSERT_FALSE(fault) << fault->reason;
        EXPECT_EQ(encoded(got), text);
        EXPECT_EQ(as_text(got.message.data), "\xff\n");
        EXPECT_EQ(as_text(got.message.correlation), "\x01\xfe");
    }
}

}  // namespace
}  // namespace junctor::websocket
