#include "connectors/vertx/codec.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace junctor::vertx {
namespace {

class VertxCodec : public ::testing::Test {
protected:
    Frame decoded(std::string_view text, Sender sender = Sender::client) {
        FrameDecoder& decoder = sender == Sender::client ? client : server;
        Frame frame;
        EXPECT_EQ(decoder.decode(text, frame), std::nullopt) << text;
        return frame;
    }
    FaultKind fault(std::string_view text) {
        Frame frame;
        return client.decode(text, frame).value_or(static_cast<FaultKind>(255));
    }
    static std::string encoded(const Frame& frame, Dialect dialect = Dialect::tcp) {
        ByteBuffer bytes;
        append_frame(bytes, frame, dialect);
        return std::string(as_text(bytes));
    }

    FrameDecoder client{Sender::client, {.nesting = 8, .headers = 3, .bytes = 1'000}};
    FrameDecoder server{Sender::server, {}};
};

TEST_F(VertxCodec, ReadsWhatClientsSend) {
    const Frame send = decoded(R"({"type":"send","address":"a\u002fb","replyAddress":"r","headers":{"k":"v","n":5},"body":{"x":[1]}})");
    EXPECT_EQ(send.type, Type::send);
    EXPECT_EQ(send.address, "a/b");
    EXPECT_EQ(send.reply_address, "r");
    EXPECT_EQ(send.headers, (std::vector<HeaderView>{{"k", "v"}, {"n", "5"}}));
    EXPECT_EQ(send.body, R"({"x":[1]})");
    EXPECT_EQ(decoded(R"({"type":"publish","address":"a","body":null})").body, "");
    EXPECT_EQ(decoded(R"({"type":"register","address":"a"})").type, Type::register_handler);
    EXPECT_EQ(decoded(R"({"type":"unregister","address":"a"})").type, Type::unregister_handler);
    EXPECT_EQ(decoded(R"({"type":"ping"})").type, Type::ping);
    const Frame failing = decoded(R"({"type":"send","address":"r","failureCode":-3,"message":"no"})");
    EXPECT_EQ(failing.failure_code, -3);
    EXPECT_EQ(failing.message, "no");
}

TEST_F(VertxCodec, ReadsWhatServersSendInBothTongues) {
    for (const char* type : {"message", "rec"}) {
        const std::string text = std::string(R"({"address":"a","send":true,"body":"x","type":")") + type + "\"}";
        const Frame message = decoded(text, Sender::server);
        EXPECT_EQ(message.type, Type::message);
        EXPECT_TRUE(message.is_send);
        EXPECT_EQ(message.body, "\"x\"");
    }
    const Frame error = decoded(R"({"type":"err","address":"r","sourceAddress":"s","failureCode":42,"failureType":"RECIPIENT_FAILURE","message":"no"})", Sender::server);
    EXPECT_EQ(error.type, Type::err);
    EXPECT_EQ(error.source_address, "s");
    EXPECT_EQ(error.failure_type, "RECIPIENT_FAILURE");
    EXPECT_EQ(error.failure_code, 42);
    EXPECT_EQ(decoded(R"({"type":"pong"})", Sender::server).type, Type::pong);
}

TEST_F(VertxCodec, SaysWhatIsWrong) {
    EXPECT_EQ(fault("{"), FaultKind::bad_json);
    EXPECT_EQ(fault("[]"), FaultKind::bad_json);
    EXPECT_EQ(fault("{\"type\":\"ping\",\"x\":\"\xff\"}"), FaultKind::bad_utf8);
    EXPECT_EQ(fault(R"({"type":"ping","x":[[[[[[[[1]]]]]]]]})"), FaultKind::too_deep);
    EXPECT_EQ(fault("{\"type\":\"ping\",\"x\":\"" + std::string(1'000, 'x') + "\"}"), FaultKind::too_large);
    EXPECT_EQ(fault(R"({"address":"a"})"), FaultKind::missing_type);
    EXPECT_EQ(fault(R"({"type":"message","address":"a"})"), FaultKind::unknown_type);
    EXPECT_EQ(fault(R"({"type":5})"), FaultKind::unknown_type);
    EXPECT_EQ(fault(R"({"type":"publish"})"), FaultKind::missing_address);
    EXPECT_EQ(fault(R"({"type":"publish","address":5})"), FaultKind::bad_field);
    EXPECT_EQ(fault(R"({"type":"publish","address":"a","headers":[]})"), FaultKind::bad_field);
    EXPECT_EQ(fault(R"({"type":"publish","address":"a","headers":{"1":"","2":"","3":"","4":""}})"), FaultKind::too_large);
}

TEST_F(VertxCodec, WritesWhatItReads) {
    Frame frame;
    frame.type = Type::message;
    frame.address = "a\"b";
    frame.reply_address = "r";
    frame.is_send = true;
    frame.headers = {{"k", "v"}};
    frame.body = "[1]";
    EXPECT_EQ(encoded(frame), R"({"type":"message","address":"a\"b","replyAddress":"r","send":true,"headers":{"k":"v"},"body":[1]})");
    frame.is_send = false;
    EXPECT_THAT(encoded(frame), ::testing::HasSubstr("\"send\":false"));
    frame.is_send = true;
    EXPECT_EQ(encoded(frame, Dialect::sockjs).substr(0, 14), R"({"type":"rec",)");
    const std::string text = encoded(frame);
    EXPECT_EQ(encoded(decoded(text, Sender::server)), text);
    EXPECT_EQ(encoded({}), R"({"type":"ping"})");
}

TEST_F(VertxCodec, AFrameStandsBehindItsLength) {
    ByteBuffer bytes;
    append_framed(bytes, {});
    const std::string whole(as_text(bytes));
    EXPECT_EQ(whole, std::string("\0\0\0\x0f", 4) + R"({"type":"ping"})");
    for (std::size_t size = 0; size < whole.size(); ++size)
        EXPECT_EQ(split_frame(as_bytes(whole.substr(0, size)), 100).status, Split::Status::incomplete) << size;
    const std::string more = whole + "more";
    const Split split = split_frame(as_bytes(more), 15);
    EXPECT_EQ(split.status, Split::Status::complete);
    EXPECT_EQ(split.text, R"({"type":"ping"})");
    EXPECT_EQ(split.consumed, whole.size());
    EXPECT_EQ(split_frame(as_bytes(whole), 14).status, Split::Status::too_large);
    EXPECT_EQ(split_frame(as_bytes("\xff\xff\xff\xff"), 1 << 20).status, Split::Status::too_large);
}

}  // namespace
}  // namespace junctor::vertx
