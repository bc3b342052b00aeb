#include "connectors/vertx/connection.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "connectors/vertx/address_mapping.hpp"
#include "connectors/vertx/mapping.hpp"
#include "tests/support/fake_stream.hpp"
#include "tests/support/lone_core.hpp"

namespace junctor::vertx {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

std::string framed(std::string_view text) {
    std::string bytes;
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(text.size() >> shift);
    return bytes.append(text);
}

class VertxConnection : public ::testing::Test {
protected:
    ~VertxConnection() override { stream.finish(CloseReason::connection_lost); }

    Connection& connect(WireForm form = WireForm::raw, std::string token = "token") {
        stream.message_mode = form != WireForm::tcp;
        auto made = std::make_unique<Connection>(stream, settings, form);
        Connection& connection = *made;
        stream.attach(std::move(made));
        Credentials credentials;
        credentials.bearer = std::move(token);
        connection.admit(std::move(credentials), true);
        EXPECT_TRUE(stream.sent.empty());
        connection.timed_out();
        return connection;
    }
    std::string answer_to(std::string_view bytes) {
        stream.sent.clear();
        stream.receive(bytes);
        return std::string(as_text(stream.sent));
    }
    std::string sent() { return std::string(as_text(std::exchange(stream.sent, {}))); }
    EnvelopePtr envelope(std::string_view topic, std::string_view payload, std::unique_ptr<Extras> extras = {}) {
        Draft draft;
        draft.topic = *Topic::parse({}, topic);
        draft.payload = as_bytes(payload);
        draft.extras = std::move(extras);
        return Envelope::make(std::move(draft), {{}, {}, {}, lone.core.now()});
    }
    std::string delivered(Connection& connection, const EnvelopePtr& message) {
        Template encoded;
        connection.encode(*message, connection.variant({}), encoded);
        stream.sent.clear();
        EXPECT_EQ(connection.deliver({message, encoded, Qos::at_most_once, false, {}}), DeliverResult::queued);
        return sent();
    }

    Ref<Settings> settings{new Settings};
    test::LoneCore lone;
    test::FakeGate& gate = lone.gate;
    test::FakeStream stream{lone.core};
};

constexpr std::string_view ping = R"({"type":"ping"})";
constexpr std::string_view pong = R"({"type":"pong"})";

TEST_F(VertxConnection, SpeaksInMessages) {
    connect(WireForm::raw);
    EXPECT_EQ(answer_to(ping), "");
    EXPECT_EQ(answer_to(R"({"type":"publish"})"), R"({"type":"err","body":"missing_address"})");
    EXPECT_THAT(answer_to("nonsense"), HasSubstr("invalid_json"));
}

TEST_F(VertxConnection, TellsWhoComesAboveTheLimit) {
    stream.is_surplus = true;
    connect(WireForm::raw);
    EXPECT_EQ(sent(), R"({"type":"err","body":"overloaded"})");
    EXPECT_EQ(stream.closed_as, CloseReason::overloaded);
    EXPECT_TRUE(gate.credentials.empty());
}

TEST_F(VertxConnection, SpeaksBehindLengths) {
    connect(WireForm::tcp);
    EXPECT_EQ(answer_to(framed(ping) + framed(ping)), framed(pong) + framed(pong));
    EXPECT_EQ(answer_to(framed(ping).substr(0, 7)), "");
    EXPECT_EQ(answer_to(framed(ping).substr(7)), framed(pong));
}

TEST_F(VertxConnection, SpeaksInTheFramingOfSockJs) {
    connect(WireForm::sockjs);
    EXPECT_EQ(sent(), "o");
    EXPECT_EQ(answer_to(R"(["{\"type\":\"ping\"}","{\"type\":\"publish\"}"])"), R"(a["{\"type\":\"err\",\"body\":\"missing_address\"}"])");
    EXPECT_EQ(answer_to(R"("{\"type\":\"publish\"}")"), R"(a["{\"type\":\"err\",\"body\":\"missing_address\"}"])");
    EXPECT_THAT(answer_to("[5]"), HasSubstr("invalid_json"));
}

TEST_F(VertxConnection, PublishesAndSends) {
    connect();
    EXPECT_EQ(answer_to(R"({"type":"publish","address":"a/b","body":{"x":1},"headers":{"k":"v"}})"), "");
    EXPECT_EQ(answer_to(R"({"type":"send","address":"a.b","body":"text"})"), "");
    ASSERT_EQ(gate.published.size(), 2U);
    EXPECT_EQ(gate.published[0].topic, "a/b");
    EXPECT_EQ(gate.published[0].payload, R"({"x":1})");
    EXPECT_EQ(gate.published[0].kind, Kind::publish);
    EXPECT_EQ(gate.published[0].extras.content_type, "application/json");
    EXPECT_EQ(gate.published[0].extras.headers, (std::vector<Header>{{"k", "v"}}));
    EXPECT_EQ(gate.published[1].kind, Kind::send);
    EXPECT_EQ(gate.published[1].payload, "text");
}

TEST_F(VertxConnection, WhatIsDeniedSaysSo) {
    connect();
    gate.answer = Errc::denied;
    EXPECT_EQ(answer_to(R"({"type":"publish","address":"a","body":1})"), R"({"type":"err","body":"access_denied"})");
    EXPECT_EQ(answer_to(R"({"type":"register","address":"a"})"), R"({"type":"err","body":"access_denied"})");
    gate.answer = Errc::ok;
    EXPECT_EQ(answer_to(R"({"type":"register","address":"a"})"), "");
}

TEST_F(VertxConnection, OverTcpErrorsAreMessages) {
    connect(WireForm::tcp);
    gate.answer = Errc::denied;
    EXPECT_EQ(answer_to(framed(R"({"type":"publish","address":"a"})")), framed(R"({"type":"err","message":"access_denied"})"));
    EXPECT_EQ(answer_to(framed(R"({"type":"publish"})")), framed(R"({"type":"err","message":"missing_address"})"));
}

/// Nothing else confirms a registration.
TEST_F(VertxConnection, WhatComesBehindARegistrationWaitsUntilThatIsInForce) {
    Connection& connection = connect(WireForm::tcp);
    gate.holds_answers = true;
    EXPECT_EQ(answer_to(framed(R"({"type":"register","address":"a"})") + framed(R"({"type":"publish","address":"a"})") + framed(ping)), "");
    EXPECT_TRUE(gate.published.empty());
    EXPECT_EQ(stream.pauses, 1);
    const Errc ok = Errc::ok;
    Receipt receipt;
    receipt.each = {&ok, 1};
    connection.settled(gate.subscribed.at(0).token, receipt);
    EXPECT_EQ(stream.pauses, 0);
    EXPECT_EQ(answer_to(""), "");
    connection.settled(gate.published.at(0).token, {});
    EXPECT_EQ(sent(), framed(pong));
}

TEST_F(VertxConnection, SoDoesWhatStandsInTheSameMessageOfSockJs) {
    Connection& connection = connect(WireForm::sockjs);
    gate.holds_answers = true;
    stream.receive(R"(["{\"type\":\"register\",\"address\":\"a\"}","{\"type\":\"register\",\"address\":\"b\"}","{\"type\":\"publish\",\"address\":\"c\"}"])");
    for (std::size_t number = 0; number < 2; ++number) {
        EXPECT_TRUE(gate.published.empty());
        EXPECT_EQ(stream.pauses, 1);
        ASSERT_EQ(gate.subscribed.size(), number + 1);
        connection.settled(gate.subscribed[number].token, {});
    }
    EXPECT_EQ(gate.published.size(), 1U);
    EXPECT_EQ(stream.pauses, 0);
}

TEST_F(VertxConnection, HandlersAreLiteralAndBounded) {
    settings->max_handlers = 2;
    connect();
    EXPECT_EQ(answer_to(R"({"type":"register","address":"a/#"})"), "");
    EXPECT_EQ(gate.subscribed.at(0).filter, "a/%23");
    EXPECT_THAT(answer_to(R"({"type":"register","address":"a/#"})"), HasSubstr("address_already_registered"));
    EXPECT_THAT(answer_to(R"({"type":"register","address":"$share/g/a"})"), HasSubstr("invalid_address"));
    EXPECT_THAT(answer_to("{\"type\":\"register\",\"address\":\"" + std::string(201, 'x') + "\"}"), HasSubstr("max_address_length_reached"));
    EXPECT_EQ(answer_to(R"({"type":"register","address":"b"})"), "");
    EXPECT_THAT(answer_to(R"({"type":"register","address":"c"})"), HasSubstr("max_handlers_reached"));
    EXPECT_EQ(answer_to(R"({"type":"unregister","address":"a/#"})"), "");
    EXPECT_EQ(gate.unsubscribed.at(0).filter, "a/%23");
    EXPECT_EQ(answer_to(R"({"type":"register","address":"c"})"), "");
    EXPECT_EQ(answer_to(R"({"type":"unregister","address":"nothing"})"), "");  // as Vert.x; by TCP it says `unknown_address`
}

TEST_F(VertxConnection, ShowsMessages) {
    Connection& connection = connect();
    EXPECT_EQ(delivered(connection, envelope("a/%23", "text")), R"({"type":"rec","address":"a/#","body":"text"})");
    auto extras = std::make_unique<Extras>();
    extras->reply_to = "$inbox/0/1";
    extras->headers = {{"k", "v"}};
    EXPECT_EQ(delivered(connection, envelope("a", R"({"x":1})", std::move(extras))),
              R"({"type":"rec","address":"a","replyAddress":"$inbox/0/1","headers":{"k":"v"},"body":{"x":1}})");
}

TEST_F(VertxConnection, NothingIsNotAnEmptyString) {
    Connection& connection = connect();
    EXPECT_EQ(delivered(connection, envelope("a", "")), R"({"type":"rec","address":"a","body":null})");
    auto text = std::make_unique<Extras>();
    text->is_text = true;
    EXPECT_EQ(delivered(connection, envelope("a", "", std::move(text))), R"({"type":"rec","address":"a","body":""})");
    EXPECT_EQ(answer_to(R"({"type":"publish","address":"a","body":null})"), "");
    EXPECT_EQ(answer_to(R"({"type":"publish","address":"a","body":""})"), "");
    ASSERT_EQ(gate.published.size(), 2U);
    EXPECT_FALSE(gate.published[0].extras.is_text);
    EXPECT_TRUE(gate.published[1].extras.is_text);
}

TEST_F(VertxConnection, ARequestIsAnsweredAtItsReplyAddress) {
    Connection& connection = connect();
    gate.holds_answers = true;
    EXPECT_EQ(answer_to(R"({"type":"send","address":"a","replyAddress":"r","body":"?","headers":{"timeout":"500","k":"v"}})"), "");
    ASSERT_EQ(gate.published.size(), 1U);
    EXPECT_EQ(gate.published[0].timeout, Duration(500ms));
    EXPECT_EQ(gate.published[0].extras.headers, (std::vector<Header>{{"k", "v"}}));
    connection.answered(gate.published[0].token, envelope("$inbox/0/1", "answer"));
    EXPECT_EQ(sent(), R"({"type":"rec","address":"r","body":"answer"})");
}

TEST_F(VertxConnection, ARequestThatFailsSaysHow) {
    Connection& connection = connect();
    gate.holds_answers = true;
    const auto fails_as = [&](Errc code) {
        stream.receive(R"({"type":"send","address":"a","replyAddress":"r","body":"?"})");
        stream.sent.clear();
        connection.settled(gate.published.back().token, {code, 0, {}, {}});
        return sent();
    };
    EXPECT_EQ(fails_as(Errc::no_receivers), R"({"type":"err","address":"r","failureCode":-1,"failureType":"NO_HANDLERS","message":"no_receivers"})");
    EXPECT_THAT(fails_as(Errc::timed_out), HasSubstr(R"("failureType":"TIMEOUT")"));
    EXPECT_THAT(fails_as(Errc::unavailable), HasSubstr(R"("failureType":"ERROR")"));
    EXPECT_EQ(fails_as(Errc::denied), R"({"type":"err","body":"access_denied"})");
}

TEST_F(VertxConnection, AReceiversNoCrossesAsOne) {
    Connection& connection = connect();
    stream.receive(R"({"type":"send","address":"$inbox/0/1","failureCode":42,"message":"no"})");
    const test::FakeGate::Published said = gate.published.at(0);
    EXPECT_EQ(said.kind, Kind::reply);
    EXPECT_EQ(said.payload, "no");
    gate.holds_answers = true;
    stream.receive(R"({"type":"send","address":"a","replyAddress":"r","body":"?"})");
    stream.sent.clear();
    connection.answered(gate.published.back().token, envelope("$inbox/0/2", said.payload, std::make_unique<Extras>(said.extras)));
    EXPECT_EQ(sent(), R"({"type":"err","address":"r","failureCode":42,"failureType":"RECIPIENT_FAILURE","message":"no"})");
}

TEST_F(VertxConnection, WhoShowedNothingLogsIn) {
    gate.denial = "nobody";
    connect(WireForm::raw, {});
    EXPECT_EQ(answer_to(ping), "");
    EXPECT_EQ(answer_to(R"({"type":"publish","address":"a"})"), R"({"type":"err","body":"not_logged_in"})");
    EXPECT_TRUE(gate.published.empty());
    gate.denial.clear();
    EXPECT_EQ(answer_to(R"({"type":"send","address":"vertx.basicauthmanager.login","replyAddress":"l","body":{"username":"u","password":"p"}})"),
              R"({"type":"rec","address":"l","body":{"status":"ok"}})");
    EXPECT_EQ(gate.credentials.back().user, "u");
    EXPECT_EQ(gate.credentials.back().password, "p");
    EXPECT_EQ(stream.pauses, 0);
    stream.receive(R"({"type":"publish","address":"a"})");
    EXPECT_EQ(gate.published.size(), 1U);
}

TEST_F(VertxConnection, AWrongLoginEndsTheConnection) {
    gate.denial = "wrong password";
    connect(WireForm::raw, {});
    const std::string answer = answer_to(R"({"type":"send","address":"vertx.basicauthmanager.login","replyAddress":"l","body":{"token":"t"}})");
    EXPECT_THAT(answer, HasSubstr(R"("address":"l","failureCode":401)"));
    EXPECT_EQ(stream.closed_as, CloseReason::not_authenticated);
}

TEST_F(VertxConnection, WhoDoesNotLogInGoes) {
    gate.denial = "nobody";
    Connection& connection = connect(WireForm::raw, {});
    EXPECT_EQ(stream.deadline, lone.limits.handshake_timeout);
    connection.timed_out();
    EXPECT_EQ(stream.closed_as, CloseReason::not_authenticated);
}

TEST_F(VertxConnection, WhatArrivesWhileItIsAskedWaits) {
    gate.holds_authentication = true;
    connect(WireForm::tcp);
    EXPECT_EQ(stream.pauses, 1);
    gate.finish_authentication();
    EXPECT_EQ(stream.pauses, 0);
    EXPECT_EQ(answer_to(framed(ping)), framed(pong));
}

TEST_F(VertxConnection, WhoMayNotComeInIsToldAndGoes) {
    gate.open_code = Errc::denied;
    connect();
    EXPECT_THAT(sent(), HasSubstr("not_authorized"));
    EXPECT_EQ(stream.closed_as, CloseReason::not_authorized);
}

TEST_F(VertxConnection, WhoIsOverItsQuotaIsToldSo) {
    gate.open_code = Errc::quota_exceeded;
    connect();
    EXPECT_THAT(sent(), HasSubstr("quota_exceeded"));
    EXPECT_EQ(stream.closed_as, CloseReason::quota_exceeded);
}

TEST_F(VertxConnection, AFrameThatIsTooLargeEndsATcpConnection) {
    connect(WireForm::tcp);
    stream.receive(std::string_view("\xff\xff\xff\xff", 4));
    EXPECT_EQ(stream.closed_as, CloseReason::too_large);
}

TEST_F(VertxConnection, OnAWebSocketSilenceEndsIt) {
    Connection& connection = connect(WireForm::sockjs);
    EXPECT_EQ(stream.deadline, settings->ping_timeout / 2);
    stream.sent.clear();
    stream.receive(R"(["{\"type\":\"ping\"}"])");
    stream.sent.clear();
    lone.advance(5s);
    connection.timed_out();
    EXPECT_EQ(sent(), "h");
    lone.advance(6s);
    connection.timed_out();
    EXPECT_EQ(stream.closed_as, CloseReason::idle_timeout);
    EXPECT_THAT(sent(), HasSubstr("c[3000,"));
}

TEST(VertxAddresses, AreTopicsAndBack) {
    for (const std::string address : {"a.b", "a/b", "a+#", "%", "%25", "%2B", "%252B", "a%2", "\x01\x7f", "%23#", "100%", "%2525%23", "%zz", "*>"}) {
        const std::string topic = topic_of_address(address);
        EXPECT_TRUE(Topic::parse({}, topic)) << topic;
        EXPECT_EQ(address_of_topic(topic), address) << topic;
    }
    for (const std::string topic : {"a/b", "%", "%25", "%2B", "%252B", "%25252B", "%41", "a%b", "%01", "%2523%23", "%2b"}) EXPECT_EQ(topic_of_address(address_of_topic(topic)), topic);
    test::SeededRandom random(7);
    for (int round = 0; round < 20'000; ++round) {
        std::string text;
        for (std::size_t i = 0; i < 8; ++i) text += "%25BF#+a/03"[random.below(11)];
        EXPECT_EQ(address_of_topic(topic_of_address(text)), text);
        const std::string topic = topic_of_address(text);
        EXPECT_EQ(topic_of_address(address_of_topic(topic)), topic);
    }
}

}  // namespace
}  // namespace junctor::vertx
