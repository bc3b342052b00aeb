#include "connectors/vertx/client.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "connectors/vertx/client_mapping.hpp"

namespace junctor::vertx {
namespace {

using namespace std::chrono_literals;
using Texts = std::vector<std::string>;

/// A server that answers every frame from a script.
class ScriptedStream final : public BlockingStream {
public:
    struct Log {
        Texts sent;
        Texts answers;  ///< one per frame sent, frames of it separated by newlines; then silence
    };

    explicit ScriptedStream(Log& log) : log_(log) {}

    void send(Bytes bytes) override {
        log_.sent.emplace_back(as_text(bytes.subspan(length_bytes)));
        if (log_.sent.size() > log_.answers.size()) return;
        std::string_view answer = log_.answers[log_.sent.size() - 1];
        while (!answer.empty()) {
            const std::string_view line = answer.substr(0, answer.find('\n'));
            const ByteBuffer length{0, 0, static_cast<std::uint8_t>(line.size() >> 8), static_cast<std::uint8_t>(line.size() & 0xFF)};
            append(waiting_, Bytes(length));
            append(waiting_, line);
            answer.remove_prefix(std::min(line.size() + 1, answer.size()));
        }
    }
    std::size_t receive(std::span<std::uint8_t> into, Duration) override {
        // In pieces of three bytes: no frame comes whole.
        const std::size_t count = std::min({waiting_.size(), into.size(), std::size_t{3}});
        std::copy_n(waiting_.begin(), count, into.begin());
        waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(count));
        return count;
    }

private:
    Log& log_;
    ByteBuffer waiting_;
};

constexpr const char* pong = R"({"type":"pong"})";

ClientOptions soon() {
    ClientOptions options;
    options.timeout = 20ms;
    return options;
}

std::unique_ptr<BusClient> connect(ScriptedStream::Log& log, Texts answers, const ClientOptions& options = soon()) {
    log.answers = std::move(answers);
    return std::make_unique<BusClient>(std::make_unique<ScriptedStream>(log), options);
}

ClientMessage message(std::string topic, std::string_view payload) {
    ClientMessage made;
    made.topic = std::move(topic);
    append(made.payload, payload);
    return made;
}

std::string code_of(const std::function<void()>& call) {
    try {
        call();
    } catch (const ClientError& error) {
        return error.code.empty() ? error.what() : error.code;
    }
    return "none";
}

TEST(BusClient, AnOperationIsDoneWhenThePingBehindItIsAnswered) {
    ScriptedStream::Log log;
    const auto client = connect(log, {"", pong, "", pong});
    client->subscribe("a", Qos::at_most_once);
    client->publish(message("a/b c", "{}"));
    EXPECT_EQ(log.sent, (Texts{R"({"type":"register","address":"a"})", R"({"type":"ping"})", R"({"type":"publish","address":"a/b c","body":{}})", R"({"type":"ping"})"}));
    EXPECT_EQ(code_of([&] { client->publish(message("a", "x")); }), "timed_out");
}

TEST(BusClient, WhatIsRefusedIsToldByItsName) {
    ScriptedStream::Log log;
    const auto client = connect(log, {"", std::string(R"({"type":"err","message":"access_denied"})") + '\n' + pong});
    EXPECT_EQ(code_of([&] { client->publish(message("a", "x")); }), "access_denied");
}

TEST(BusClient, WhatVertxDoesNotKnowIsNotSent) {
    ScriptedStream::Log log;
    const auto client = connect(log, {});
    ClientMessage odd = message("a", "x");
    odd.retain = true;
    EXPECT_THROW(client->publish(odd), ClientError);
    odd.retain = false;
    odd.qos = Qos::at_least_once;
    EXPECT_THROW(client->publish(odd), ClientError);
    odd.qos = Qos::at_most_once;
    odd.extras.headers = {{"k", "1"}, {"k", "2"}};
    EXPECT_THROW(client->publish(odd), ClientError);
    for (const char* filter : {"#", "a/+", ""}) EXPECT_THROW(client->subscribe(filter, Qos::at_most_once), ClientError) << filter;
    EXPECT_TRUE(log.sent.empty());
    ClientOptions named = soon();
    named.session_expiry = 1h;
    EXPECT_THROW(connect(log, {}, named), ClientError);
}

TEST(BusClient, MessagesThatComeMeanwhileAreKept) {
    ScriptedStream::Log log;
    const auto client = connect(log, {"", std::string(R"({"type":"message","address":"a","replyAddress":"r","headers":{"k":"v"},"body":"x"})") + '\n' + pong, "", pong});
    client->subscribe("a", Qos::at_most_once);
    const std::optional<ClientMessage> got = client->receive(1ms);
    ASSERT_TRUE(got);
    EXPECT_EQ(got->topic + ' ' + std::string(as_text(got->payload)) + ' ' + got->extras.reply_to, "a x r");
    EXPECT_EQ(got->extras.headers, (std::vector<Header>{{"k", "v"}}));
    EXPECT_FALSE(client->receive(1ms));
    client->reply(*got, message("", "answer"));
    EXPECT_EQ(log.sent[2], R"({"type":"send","address":"r","body":"answer"})");
}

/// Reply addresses are made up, so the script cannot know them: an answer to another address is a message.
TEST(BusClient, AnAnswerHasTheAddressOfItsRequest) {
    ScriptedStream::Log log;
    const auto client = connect(log, {R"({"type":"message","address":"other","body":"x"})"});
    EXPECT_EQ(code_of([&] { client->request(message("a", "?"), 5ms); }), "timed_out");
    EXPECT_NE(log.sent[0].find(R"("headers":{"timeout":5})"), std::string::npos) << log.sent[0];
    EXPECT_TRUE(client->receive(1ms));
}

TEST(BusClient, ALoginThatIsRefusedSaysSo) {
    ScriptedStream::Log log;
    ClientOptions options = soon();
    options.user = "alice";
    options.password = "wrong \"one\"";
    EXPECT_EQ(code_of([&] { connect(log, {R"({"type":"err","message":"not_logged_in"})"}, options); }), "not_logged_in");
    EXPECT_NE(log.sent[0].find(R"("address":"vertx.basicauthmanager.login")"), std::string::npos);
    EXPECT_NE(log.sent[0].find(R"("body":{"username":"alice","password":"wrong \"one\""})"), std::string::npos) << log.sent[0];
}

TEST(BusClient, FramesThatAreNoneAreSaidToBe) {
    ScriptedStream::Log log;
    for (const char* bad : {"nonsense", R"({"type":"publish","address":"a"})"}) {
        const auto client = connect(log, {bad});
        EXPECT_THROW(client->subscribe("a", Qos::at_most_once), ClientError);
        log.sent.clear();
    }
}

TEST(BusClientUrl, NamesAHostAndMayNameAPort) {
    const auto place = [](const char* url) {
        ClientOptions options;
        options.url = url;
        const BlockingStream::Options how = to_stream_options(options);
        return how.host + ' ' + how.port + (how.tls ? " tls" : "");
    };
    EXPECT_EQ(place("vertx://127.0.0.1:7001"), "127.0.0.1 7001");
    EXPECT_EQ(place("vertxs://bus"), "bus 7000 tls");
    EXPECT_EQ(place("vertx://[::1]:7001"), "::1 7001");
    EXPECT_EQ(place("vertx://[::1]"), "::1 7000");
    for (const char* bad : {"vertx://", "vertx://:7000", "vertx://a:", "vertx://[::1", "vertx://a:1/path", "mqtt://a:1"})
        EXPECT_THROW(place(bad), ClientError) << bad;
}

}  // namespace
}  // namespace junctor::vertx
