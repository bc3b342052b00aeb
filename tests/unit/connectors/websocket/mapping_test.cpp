#include "connectors/websocket/mapping.hpp"

#include <gtest/gtest.h>

#include <string>

namespace junctor::websocket {
namespace {

using namespace std::chrono_literals;

Operation with_topic(Op op, std::string_view topic) {
    Operation operation;
    operation.op = op;
    operation.message.topic = topic;
    return operation;
}

TEST(DraftOf, APlainPublishNeedsNoExtras) {
    Operation operation = with_topic(Op::publish, "a/b");
    operation.message.data = as_bytes("x");
    const Result<Draft> draft = draft_of(operation, TenantId{3});
    ASSERT_TRUE(draft);
    EXPECT_EQ(draft->topic.text(), "a/b");
    EXPECT_EQ(draft->topic.tenant(), TenantId{3});
    EXPECT_EQ(as_text(draft->payload), "x");
    EXPECT_EQ(draft->extras, nullptr);
    EXPECT_EQ(draft->kind, Kind::publish);
    EXPECT_FALSE(draft->ttl);
}

TEST(DraftOf, EveryFieldArrives) {
    Operation operation = with_topic(Op::publish, "t");
    operation.message.qos = 1;
    operation.message.retain = true;
    operation.message.ttl = 5s;
    operation.message.content_type = "c";
    operation.message.headers = {{"b", "1"}, {"a", "2"}, {"b", "3"}};
    operation.message.reply_to = "r";
    operation.message.correlation = as_bytes("\xff");
    const Result<Draft> draft = draft_of(operation, {});
    ASSERT_TRUE(draft);
    EXPECT_EQ(draft->qos, Qos::at_least_once);
    EXPECT_TRUE(draft->retain);
    EXPECT_EQ(draft->ttl, 5s);
    EXPECT_EQ(draft->extras->content_type, "c");
    EXPECT_EQ(draft->extras->headers, (std::vector<Header>{{"b", "1"}, {"a", "2"}, {"b", "3"}}));
    EXPECT_EQ(draft->extras->reply_to, "r");
    EXPECT_EQ(draft->extras->correlation, ByteBuffer{0xff});
}

TEST(DraftOf, TheOpDecidesTheKind) {
    EXPECT_EQ(draft_of(with_topic(Op::send, "t"), {})->kind, Kind::send);
    EXPECT_EQ(draft_of(with_topic(Op::request, "t"), {})->kind, Kind::request);
}

TEST(DraftOf, AReplyGoesToItsReplyAddress) {
    Operation operation;
    operation.op = Op::reply;
    operation.message.reply_to = "$inbox/0/1";
    operation.message.correlation = as_bytes("c");
    const Result<Draft> draft = draft_of(operation, {});
    ASSERT_TRUE(draft);
    EXPECT_EQ(draft->kind, Kind::reply);
    EXPECT_EQ(draft->topic.text(), "$inbox/0/1");
    EXPECT_EQ(draft->extras->reply_to, "");
}

TEST(DraftOf, TopicsAreChecked) {
    for (const std::string_view topic : {"", "a/#", "+", "a\nb"}) EXPECT_EQ(draft_of(with_topic(Op::publish, topic), {}).error(), Errc::bad_topic);
    Operation operation = with_topic(Op::publish, "t");
    operation.message.reply_to = "r/#";
    EXPECT_EQ(draft_of(operation, {}).error(), Errc::bad_topic);
}

EnvelopePtr envelope_of(const Operation& operation, TimePoint at) {
    return Envelope::make(std::move(*draft_of(operation, {})), {{}, {}, {}, at});
}

TEST(MessageOf, ComesBackAsItWentIn) {
    Operation operation = with_topic(Op::publish, "t");
    operation.message.data = as_bytes("payload");
    operation.message.content_type = "c";
    operation.message.headers = {{"a", "1"}, {"a", "2"}};
    operation.message.reply_to = "r";
    operation.message.correlation = as_bytes("x");
    const TimePoint start(1h);
    const EnvelopePtr envelope = envelope_of(operation, start);
    const Message message = message_of(*envelope, start);
    EXPECT_EQ(message.topic, "t");
    EXPECT_EQ(as_text(message.data), "payload");
    EXPECT_EQ(message.content_type, "c");
    EXPECT_EQ(message.headers, operation.message.headers);
    EXPECT_EQ(message.reply_to, "r");
    EXPECT_EQ(as_text(message.correlation), "x");
    EXPECT_FALSE(message.ttl);
}

TEST(MessageOf, ShowsTheTimeThatIsLeft) {
    Operation operation = with_topic(Op::publish, "t");
    operation.message.ttl = 10s;
    const TimePoint start(1h);
    const EnvelopePtr envelope = envelope_of(operation, start);
    EXPECT_EQ(message_of(*envelope, start + 4s).ttl, 6s);
    EXPECT_EQ(message_of(*envelope, start + 11s).ttl, 1ms) << "never zero, which would mean for ever elsewhere";
}

TEST(Events, WhatAnEventSaysStandsForTheFields) {
    Operation operation = with_topic(Op::publish, "t");
    operation.message.qos = 1;
    CloudEvent event{{'x'}, {}};
    event.extras.headers = {{"ce-id", "7"}};
    event.extras.reply_to = "r";
    const Result<Draft> draft = draft_of(operation, {}, event);
    ASSERT_TRUE(draft);
    EXPECT_EQ(as_text(draft->payload), "x");
    EXPECT_EQ(draft->qos, Qos::at_least_once);
    EXPECT_EQ(draft->extras->headers, (std::vector<Header>{{"ce-id", "7"}}));
    EXPECT_EQ(draft->extras->reply_to, "r");
    event.extras.reply_to = "r/#";
    EXPECT_EQ(draft_of(operation, {}, event).error(), Errc::bad_topic);
}

TEST(Events, AReplyHasOneAddress) {
    Operation operation;
    operation.op = Op::reply;
    operation.message.reply_to = "$inbox/0/1";
    CloudEvent event;
    event.extras.reply_to = "elsewhere";
    const Result<Draft> draft = draft_of(operation, {}, event);
    ASSERT_TRUE(draft);
    EXPECT_EQ(draft->topic.text(), "$inbox/0/1");
    EXPECT_EQ(draft->extras->reply_to, "");
}

TEST(Faults, EachKindHasItsCode) {
    for (std::size_t at = 0; at < fault_kind_count; ++at) {
        const auto kind = static_cast<FaultKind>(at);
        EXPECT_EQ(errc_of(kind), kind == FaultKind::too_large ? Errc::too_large : Errc::bad_request) << to_string(kind);
    }
}

TEST(Faults, TheNearestNameIsOffered) {
    Fault fault;
    fault.reason = "unknown op `publsh`";
    EXPECT_EQ(sentence_of(fault), "unknown op `publsh`");
    fault.unknown = "publsh";
    fault.choices = {"publish", "ping"};
    EXPECT_NE(sentence_of(fault).find("publish'?"), std::string::npos) << sentence_of(fault);
}

Result<Credentials> shown(std::vector<Header> headers) {
    HttpRequest request;
    request.headers = std::move(headers);
    request.peer.address = "127.0.0.1:4";
    request.peer.certificate_subject = "CN=x";
    Settings* settings = new Settings;
    settings->connector = "ws";
    settings->cookie = "token";
    return credentials_of(request, *Ref<const Settings>(settings));
}

TEST(CredentialsOf, AnUpgrade) {
    const Result<Credentials> credentials = shown({{"Authorization", "Basic dTpwOnc="}});
    ASSERT_TRUE(credentials);
    EXPECT_EQ(credentials->connector, "ws");
    EXPECT_EQ(credentials->peer, "127.0.0.1:4");
    EXPECT_EQ(credentials->certificate_subject, "CN=x");
    EXPECT_EQ(credentials->user, "u");
    EXPECT_EQ(shown({{"Cookie", "token=c"}, {"Origin", "http://here"}})->bearer, "c");
    EXPECT_EQ(shown({{"Authorization", "Digest x"}}).error(), Errc::bad_request);
}

TEST(CredentialsOf, ATokenAmongTheSubprotocols) {
    EXPECT_EQ(shown({{"Sec-WebSocket-Protocol", "junctor, bearer.a.b-c"}})->bearer, "a.b-c");
    EXPECT_EQ(shown({{"Sec-WebSocket-Protocol", " bearer.first ,bearer.second"}})->bearer, "first");
    EXPECT_EQ(shown({{"Sec-WebSocket-Protocol", "junctor"}})->bearer, "");
    EXPECT_EQ(shown({{"Sec-WebSocket-Protocol", "junctor, bearer.x"}, {"Authorization", "Bearer y"}})->bearer, "y");
    EXPECT_EQ(shown({{"Sec-WebSocket-Protocol", "junctor, bearer.x"}, {"Authorization", "Basic dTpw"}})->bearer, "");
}

TEST(CredentialsOf, AnAuthFrame) {
    Operation auth;
    auth.shown = {{}, "u", "p", "SCRAM-SHA-256"};
    auth.message.data = as_bytes("n,,");
    Peer peer;
    peer.address = "127.0.0.1:4";
    const Credentials credentials = credentials_of(auth, peer, *Ref<const Settings>(new Settings));
    EXPECT_EQ(credentials.peer, "127.0.0.1:4");
    EXPECT_EQ(credentials.user, "u");
    EXPECT_TRUE(credentials.has_password);
    EXPECT_EQ(credentials.password, "p");
    EXPECT_EQ(credentials.method, "SCRAM-SHA-256");
    EXPECT_EQ(as_text(credentials.data), "n,,");
    auth.shown = {"t", {}, {}, {}};
    EXPECT_EQ(credentials_of(auth, peer, *Ref<const Settings>(new Settings)).bearer, "t");
    EXPECT_FALSE(credentials_of(auth, peer, *Ref<const Settings>(new Settings)).has_password);
}

TEST(Goodbyes, AreToldUnlessNobodyListens) {
    for (std::size_t at = 0; at < close_reason_count; ++at) {
        const auto reason = static_cast<CloseReason>(at);
        EXPECT_EQ(told_before_close(reason), reason != CloseReason::normal && reason != CloseReason::connection_lost) << to_string(reason);
    }
}

}  // namespace
}  // namespace junctor::websocket
