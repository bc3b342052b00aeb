#include "connectors/websocket/client.hpp"

#include <gtest/gtest.h>

#include <string>

namespace junctor::websocket {
namespace {

using namespace std::chrono_literals;

/// Keeps what the client sends, and gives it what the test has prepared.
class ScriptedWire final : public FrameWire {
public:
    struct Script {
        std::vector<std::string> sent;
        std::deque<std::string> answers;
    };
    explicit ScriptedWire(Script& script) : script_(script) {}

    void send(std::string_view frame) override { script_.sent.emplace_back(frame); }
    std::optional<std::string> receive(Duration) override {
        if (script_.answers.empty()) return std::nullopt;
        std::string next = std::move(script_.answers.front());
        script_.answers.pop_front();
        return next;
    }

private:
    Script& script_;
};

class JsonClientTest : public testing::Test {
protected:
    JsonClient client(const std::string& name = {}, Duration session_expiry = 0s) {
        ClientOptions options;
        options.client_id = name;
        options.session_expiry = session_expiry;
        options.timeout = 1s;
        return {std::make_unique<ScriptedWire>(script), options};
    }

    ScriptedWire::Script script;
};

ClientMessage message(const std::string& topic, std::string_view payload) {
    ClientMessage made;
    made.topic = topic;
    append(made.payload, payload);
    return made;
}

TEST_F(JsonClientTest, OperationsWaitForTheirAcknowledgements) {
    script.answers = {R"({"op":"ack","id":1})", R"({"op":"ack","id":2})", R"({"op":"ack","id":3})", R"({"op":"ack","id":4})"};
    JsonClient speaks = client("desk");
    speaks.subscribe("a/#", Qos::at_least_once);
    speaks.publish(message("a/b", "x"));
    speaks.unsubscribe("a/#");
    EXPECT_EQ(script.sent, (std::vector<std::string>{R"({"op":"hello","id":1,"name":"desk"})", R"({"op":"subscribe","id":2,"filter":"a/#","qos":1})",
                                                     R"({"op":"publish","id":3,"topic":"a/b","data":"x"})", R"({"op":"unsubscribe","id":4,"filter":"a/#"})"}));
}

TEST_F(JsonClientTest, ADurableSessionAcknowledgesWhatItHandsOut) {
    script.answers = {R"({"op":"message","topic":"a","data":"1","qos":1,"seq":7,"repeat":true})", R"({"op":"ack","id":1,"resumed":true})",
                      R"({"op":"message","topic":"a","data":"2"})"};
    JsonClient speaks = client("desk", 90s);
    EXPECT_EQ(script.sent, std::vector<std::string>{R"({"op":"session","id":1,"name":"desk","expiry":90})"});
    script.sent.clear();
    ASSERT_TRUE(speaks.receive(1s));
    EXPECT_EQ(script.sent, std::vector<std::string>{R"({"op":"ack","seq":7})"});
    ASSERT_TRUE(speaks.receive(1s));
    EXPECT_EQ(script.sent.size(), 1U) << "what has no number needs no acknowledgement";
}

TEST_F(JsonClientTest, MessagesThatComeMeanwhileAreKept) {
    script.answers = {R"({"op":"message","topic":"a","data":"1","headers":{"k":"v"},"content_type":"c","qos":1,"retain":true,"ttl":2})", R"({"op":"ack","id":1})",
                      R"({"op":"message","topic":"a","data_base64":"/w=="})"};
    JsonClient speaks = client();
    speaks.subscribe("a", Qos::at_most_once);
    const std::optional<ClientMessage> first = speaks.receive(1s);
    ASSERT_TRUE(first);
    EXPECT_EQ(as_text(first->payload), "1");
    EXPECT_EQ(first->extras.headers, (std::vector<Header>{{"k", "v"}}));
    EXPECT_EQ(first->extras.content_type, "c");
    EXPECT_EQ(first->qos, Qos::at_least_once);
    EXPECT_TRUE(first->retain);
    EXPECT_EQ(first->ttl, 2s);
    EXPECT_EQ(as_text(speaks.receive(1s)->payload), "\xff");
    EXPECT_FALSE(speaks.receive(0s));
}

TEST_F(JsonClientTest, ErrorsCarrySentenceAndCode) {
    script.answers = {R"({"op":"error","id":1,"code":"denied","reason":"rule 3"})"};
    JsonClient speaks = client();
    try {
        speaks.publish(message("a", ""));
        FAIL();
    } catch (const ClientError& error) {
        EXPECT_STREQ(error.what(), "rule 3");
        EXPECT_EQ(error.code, "denied");
    }
}

TEST_F(JsonClientTest, AnErrorWithoutIdEndsAnyWait) {
    script.answers = {R"({"op":"error","code":"server_shutdown","reason":"bye"})"};
    EXPECT_THROW(client().receive(1s), ClientError);
}

TEST_F(JsonClientTest, SilenceIsAnError) { EXPECT_THROW(client().publish(message("a", "")), ClientError); }

TEST_F(JsonClientTest, NonsenseIsAnError) {
    script.answers = {"{"};
    EXPECT_THROW(client().receive(1s), ClientError);
}

TEST_F(JsonClientTest, RequestsAndReplies) {
    script.answers = {R"({"op":"reply","id":1,"data":"answer","content_type":"c"})", R"({"op":"message","topic":"s","data":"q","reply_to":"$inbox/0/1","correlation":"c"})",
                      R"({"op":"ack","id":2})"};
    JsonClient speaks = client();
    const ClientMessage answer = speaks.request(message("s", "q"), 5s);
    EXPECT_EQ(as_text(answer.payload), "answer");
    EXPECT_EQ(answer.extras.content_type, "c");
    const std::optional<ClientMessage> request = speaks.receive(1s);
    ASSERT_TRUE(request);
    speaks.reply(*request, message("ignored", "done"));
    EXPECT_EQ(script.sent.at(0), R"({"op":"request","id":1,"topic":"s","data":"q","timeout":5})");
    EXPECT_EQ(script.sent.at(1), R"({"op":"reply","id":2,"data":"done","reply_to":"$inbox/0/1","correlation":"c"})");
    EXPECT_THROW(speaks.reply(message("s", ""), message("", "")), ClientError);
}

}  // namespace
}  // namespace junctor::websocket
