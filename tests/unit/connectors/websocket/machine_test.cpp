#include "connectors/websocket/machine.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <string>

namespace junctor::websocket {
namespace {

using What = Machine::Step::What;

class MachineTest : public testing::Test {
protected:
    /// Feeds a frame; `during` may settle it before it is done.
    Machine::Step frame(std::string text, const std::function<void(Token)>& during = {}) {
        answer_.clear();
        text_ = std::move(text);
        const Machine::Step step = machine_.frame(text_, decoder_, answer_);
        if (during) during(step.token);
        machine_.done();
        return step;
    }
    std::string answer_to(std::string text) {
        frame(std::move(text));
        return std::string(as_text(answer_));
    }
    std::string settled(Token token, Errc code = Errc::ok, std::string_view reason = {}) {
        ByteBuffer answer;
        machine_.settled(token, code, reason, answer);
        return std::string(as_text(answer));
    }

    std::string text_;
    OperationDecoder decoder_{Sender::client, {}};
    Machine machine_;
    ByteBuffer answer_;
};

TEST_F(MachineTest, EveryOpAsksForItsStep) {
    EXPECT_EQ(frame(R"({"op":"hello","name":"n"})").what, What::name_session);
    EXPECT_EQ(frame(R"({"op":"subscribe","filter":"f"})").what, What::subscribe);
    EXPECT_EQ(frame(R"({"op":"unsubscribe","filter":"f"})").what, What::unsubscribe);
    EXPECT_EQ(frame(R"({"op":"publish","topic":"t"})").what, What::publish);
    EXPECT_EQ(frame(R"({"op":"send","topic":"t"})").what, What::publish);
    EXPECT_EQ(frame(R"({"op":"reply","reply_to":"t"})").what, What::publish);
    EXPECT_EQ(frame(R"({"op":"request","id":1,"topic":"t"})").what, What::request);
    EXPECT_EQ(frame(R"({"op":"ping"})").what, What::nothing);
}

TEST_F(MachineTest, APingIsAnsweredAtOnce) {
    EXPECT_EQ(answer_to(R"({"op":"ping","id":"a"})"), R"({"op":"pong","id":"a"})");
    EXPECT_EQ(answer_to(R"({"op":"ping"})"), R"({"op":"pong"})");
}

TEST_F(MachineTest, HelloComesFirstOrNever) {
    EXPECT_EQ(answer_to(R"({"op":"ping"})"), R"({"op":"pong"})");
    EXPECT_EQ(answer_to(R"({"op":"hello","id":1,"name":"n"})"), R"({"op":"error","id":1,"code":"bad_request","reason":"`hello` must be the first frame"})");
}

TEST_F(MachineTest, ABadFrameBeforeHelloDoesNoHarm) {
    frame("{");
    EXPECT_EQ(frame(R"({"op":"hello","name":"n"})").what, What::name_session);
}

TEST_F(MachineTest, SettledWhileTheFrameIsThere) {
    std::string told;
    frame(R"({"op":"publish","id":1,"topic":"t"})", [&](Token token) { told = settled(token); });
    EXPECT_EQ(told, R"({"op":"ack","id":1})");
    EXPECT_EQ(machine_.waiting(), 0u);
}

TEST_F(MachineTest, SettledLaterAndInAnyOrder) {
    const Token first = frame(R"({"op":"publish","id":1,"topic":"t"})").token;
    const Token second = frame(R"({"op":"publish","id":"two","topic":"t"})").token;
    EXPECT_EQ(machine_.waiting(), 2u);
    text_.assign(text_.size(), 'x');
    EXPECT_EQ(settled(second), R"({"op":"ack","id":"two"})");
    EXPECT_EQ(settled(first), R"({"op":"ack","id":1})");
    EXPECT_EQ(settled(first), "") << "once only";
    EXPECT_EQ(machine_.waiting(), 0u);
}

TEST_F(MachineTest, WithoutAnIdOnlyErrorsAreTold) {
    EXPECT_EQ(settled(frame(R"({"op":"publish","topic":"t"})").token), "");
    EXPECT_EQ(settled(frame(R"({"op":"publish","topic":"t"})").token, Errc::denied, "rule 3"),
              R"({"op":"error","code":"denied","reason":"rule 3"})");
}

TEST_F(MachineTest, EveryCodeIsToldUnderItsName) {
    for (int value = 1; value <= static_cast<int>(Errc::shutting_down); ++value) {
        const auto code = static_cast<Errc>(value);
        const std::string told = settled(frame(R"({"op":"publish","id":1,"topic":"t"})").token, code);
        EXPECT_EQ(told, R"({"op":"error","id":1,"code":")" + std::string(to_string(code)) + R"(","reason":")" + make_error_code(code).message() + R"("})");
    }
}

TEST_F(MachineTest, TheAnswerToARequest) {
    const Token token = frame(R"({"op":"request","id":9,"topic":"t"})").token;
    EXPECT_EQ(machine_.waiting(), 0u) << "requests may wait long";
    Message message;
    message.data = as_bytes("answer");
    ByteBuffer answer;
    machine_.answered(token, message, answer);
    EXPECT_EQ(as_text(answer), R"({"op":"reply","id":9,"data":"answer"})");
    EXPECT_EQ(settled(token, Errc::timed_out), "") << "once only";
}

TEST_F(MachineTest, ABadFrameIsAnsweredAndCounted) {
    EXPECT_EQ(answer_to("nonsense"), R"({"op":"error","code":"bad_request","reason":"not valid JSON at byte 0"})");
    EXPECT_EQ(machine_.fault(), FaultKind::bad_json);
    EXPECT_NE(answer_to(R"({"op":"subscribe","id":4,"fliter":"x"})").find(R"("id":4,"code":"bad_request")"), std::string::npos);
    EXPECT_EQ(machine_.fault(), FaultKind::unknown_field);
    frame(R"({"op":"ping"})");
    EXPECT_EQ(machine_.fault(), std::nullopt);
}

}  // namespace
}  // namespace junctor::websocket
