#include "connectors/zeromq/peer.hpp"

#include <gtest/gtest.h>

#include "tests/unit/connectors/zeromq/small_core.hpp"

namespace junctor::zeromq {
namespace {

using Message = std::vector<std::string>;

PrincipalRef anybody() { return PrincipalRef(new Principal({}, "anybody")); }

struct FakeLink final : PeerLink {
    Sent send(std::span<const SharedSlice> frames) noexcept override {
        if (next != Sent::yes) return next;
        Message message;
        for (const SharedSlice& frame : frames) message.emplace_back(as_text(frame.bytes));
        sent.push_back(std::move(message));
        return Sent::yes;
    }
    void attend() noexcept override { ++attended; }

    std::vector<Message> sent;
    Sent next = Sent::yes;
    int attended = 0;
};

class ZeromqPeer : public ::testing::Test {
protected:
    void say(const Message& frames) {
        const std::vector<std::string> exact(frames);
        std::vector<Bytes> views;
        for (const std::string& frame : exact) views.push_back(as_bytes(frame));
        peer.received(views);
    }
    Message last() const { return link.sent.empty() ? Message{} : link.sent.back(); }

    test::SmallCore small;
    FakeLink link;
    Peer peer{small.core, link};

    void SetUp() override { peer.begin(anybody()); }
};

TEST_F(ZeromqPeer, PublishIsAcknowledgedUnderItsId) {
    say({"publish", "7", "a/b", "hello"});
    EXPECT_EQ(last(), (Message{"ack", "7", "a/b", "", ""}));
    ASSERT_EQ(small.gate.published.size(), 1U);
    EXPECT_EQ(small.gate.published[0].payload, "hello");
}

TEST_F(ZeromqPeer, WithoutAnIdSuccessIsSilentAndFailureIsNot) {
    say({"publish", "", "a/b", "hello"});
    EXPECT_TRUE(link.sent.empty());
    say({"publish", "", "a/+", "hello"});
    EXPECT_EQ(last()[0], "error");
    EXPECT_EQ(last()[3], "bad_topic");
}

TEST_F(ZeromqPeer, ASubscriptionBeginsInTheHistory) {
    constexpr std::uint64_t epoch = 0x9f86d081884c7d65;
    small.gate.outcome = {Resumption::gap, {epoch, 9}};
    say({"subscribe", "1", "a/#", "", R"({"epoch":"9f86d081884c7d65","offset":4})"});
    EXPECT_EQ(last(), (Message{"ack", "1", "a/#", "", R"({"resume":"gap","epoch":"9f86d081884c7d65","offset":9})"}));
    ASSERT_EQ(small.gate.subscriptions.size(), 1U);
    EXPECT_EQ(small.gate.subscriptions[0].request.start, (HistoryStart{HistoryStart::From::after, {epoch, 4}}));
    say({"subscribe", "2", "b", "", R"({"from":"first"})"});
    EXPECT_EQ(small.gate.subscriptions[1].request.start, (HistoryStart{HistoryStart::From::first, {}}));
    small.gate.inject("b", "x", nullptr, Qos::at_most_once);
    EXPECT_EQ(last(), (Message{"message", "", "b", "x", ""})) << "in no history";
    say({"subscribe", "", "c", "", R"({"from":"now"})"});
    EXPECT_EQ(last()[0], "ack") << "a gap is told even without an id";
}

TEST_F(ZeromqPeer, ABeginningThatMeansNothingIsRefused) {
    for (const char* headers : {R"({"from":"yesterday"})", R"({"offset":4})", R"({"epoch":"9f86d081884c7d65"})", R"({"epoch":"x","offset":1})",
                                R"({"from":"now","epoch":"9f86d081884c7d65","offset":4})"}) {
        say({"subscribe", "1", "a", "", headers});
        EXPECT_EQ(last()[0], "error") << headers;
    }
    say({"publish", "1", "a", "", R"({"from":"first"})"});
    EXPECT_EQ(last()[0], "error");
}

TEST_F(ZeromqPeer, ReqIsAnsweredWithItsDelimiterEvenWithoutAnId) {
    say({"", "publish", "", "a/b", "hello"});
    EXPECT_EQ(last(), (Message{"", "ack", "", "a/b", "", ""}));
}

TEST_F(ZeromqPeer, FieldsReachTheEnvelope) {
    say({"publish", "1", "a", "x", R"({"qos":1,"retain":true,"ttl":60,"content_type":"t/p","headers":{"k":"v"},"reply_to":"r","correlation":"c"})"});
    const Envelope& envelope = *small.gate.published.at(0).envelope;
    EXPECT_EQ(envelope.qos(), Qos::at_least_once);
    EXPECT_TRUE(envelope.retain());
    EXPECT_EQ(envelope.expires_at() - small.clock.now(), std::chrono::seconds(60));
    ASSERT_TRUE(envelope.extras());
    EXPECT_EQ(envelope.extras()->content_type, "t/p");
    EXPECT_EQ(envelope.extras()->headers, (std::vector<Header>{{"k", "v"}}));
    EXPECT_EQ(envelope.extras()->reply_to, "r");
    EXPECT_EQ(as_text(envelope.extras()->correlation), "c");
}

TEST_F(ZeromqPeer, MessagesComeWithTheirFields) {
    say({"subscribe", "1", "a/#", "", R"({"qos":1})"});
    EXPECT_EQ(last(), (Message{"ack", "1", "a/#", "", ""}));
    small.gate.inject("a/b", "plain");
    EXPECT_EQ(last(), (Message{"message", "", "a/b", "plain", ""}));
    auto extras = std::make_unique<Extras>();
    extras->content_type = "text/plain";
    small.gate.inject("a/b", "rich", std::move(extras), Qos::at_least_once);
    EXPECT_EQ(last(), (Message{"message", "", "a/b", "rich", R"({"qos":1,"content_type":"text/plain"})"}));
}

TEST_F(ZeromqPeer, ManyHeadersGoWhole) {
    say({"subscribe", "1", "#"});
    auto extras = std::make_unique<Extras>();
    extras->headers = {{"big", std::string(5'000, 'x')}};
    small.gate.inject("a", "", std::move(extras));
    EXPECT_EQ(last()[4], R"({"headers":{"big":")" + std::string(5'000, 'x') + "\"}}");
}

TEST_F(ZeromqPeer, RequestAndReplyMeet) {
    FakeLink other_link;
    Peer responder(small.core, other_link);
    responder.begin(anybody());
    const std::string subscribe[] = {"subscribe", "1", "svc/+"};
    std::vector<Bytes> frames;
    for (const auto& frame : subscribe) frames.push_back(as_bytes(frame));
    responder.received(frames);
    say({"request", "r1", "svc/add", "1+1", R"({"timeout":5})"});
    ASSERT_EQ(other_link.sent.back()[0], "request");
    EXPECT_EQ(other_link.sent.back()[4], R"({"reply_to":"$inbox/0/1"})");
    const std::string reply[] = {"reply", "2", "$inbox/0/1", "2"};
    frames.clear();
    for (const auto& frame : reply) frames.push_back(as_bytes(frame));
    responder.received(frames);
    EXPECT_EQ(last(), (Message{"reply", "r1", "$inbox/0/1", "2", ""}));
    EXPECT_EQ(other_link.sent.back(), (Message{"ack", "2", "$inbox/0/1", "", ""}));
}

TEST_F(ZeromqPeer, ARequestThatNobodyHearsFailsUnderItsId) {
    say({"request", "r1", "svc/none", "x"});
    EXPECT_EQ(last()[0], "error");
    EXPECT_EQ(last()[1], "r1");
    EXPECT_EQ(last()[3], "no_receivers");
}

TEST_F(ZeromqPeer, BadInputIsAnsweredAndTheSessionGoesOn) {
    const std::pair<Message, std::string> cases[] = {
        {{"nonsense", "1"}, "bad_request"},
        {{"publish", "1", ""}, "bad_topic"},
        {{"publish", "1", std::string("a\0b", 3)}, "bad_topic"},
        {{"publish", "1", "\xff\xfe"}, "bad_topic"},
        {{"publish", "1", "a", "x", "{"}, "bad_request"},
        {{"publish", "1", "a", "x", R"({"reply_to":"a/#"})"}, "bad_request"},
        {{"subscribe", "1", "a/#/b"}, "bad_filter"},
        {{"unsubscribe", "1", "#a"}, "bad_filter"},
        {{"unsubscribe", "1", "never/held"}, "bad_filter"},
        {{"ping", "1", "", "", "", "surplus"}, "bad_request"},
    };
    for (const auto& [frames, code] : cases) {
        say(frames);
        EXPECT_EQ(last()[0], "error") << frames[0];
        EXPECT_EQ(last()[1], "1");
        EXPECT_EQ(last()[3], code) << frames[0];
    }
    say({"ping", "2"});
    EXPECT_EQ(last(), (Message{"ack", "2", "", "", ""}));
}

TEST_F(ZeromqPeer, DenialsSayWhy) {
    small.gate.denied = [](Verb verb, std::string_view) { return verb == Verb::publish; };
    say({"publish", "1", "a", "x"});
    EXPECT_EQ(last()[3], "denied");
    EXPECT_NE(last()[4].find("\"code\":\"denied\""), std::string::npos);
}

TEST_F(ZeromqPeer, WhatDoesNotFitTheWireWaitsInOrder) {
    say({"subscribe", "1", "#", "", R"({"qos":1})"});
    link.sent.clear();
    link.next = PeerLink::Sent::full;
    small.gate.inject("a", "1");
    small.gate.inject("a", "2");
    say({"ping", "9"});
    EXPECT_TRUE(link.sent.empty());
    EXPECT_TRUE(peer.blocked());
    EXPECT_GT(link.attended, 0);
    link.next = PeerLink::Sent::yes;
    peer.pump();
    EXPECT_FALSE(peer.blocked());
    ASSERT_EQ(link.sent.size(), 3U);
    EXPECT_EQ(link.sent[0][0], "ack");
    EXPECT_EQ(link.sent[1][3], "1");
    EXPECT_EQ(link.sent[2][3], "2");
}

TEST_F(ZeromqPeer, APeerThatReadsNothingIsClosedAtItsByteLimit) {
    small.limits.outbound_queue = 100'000;
    say({"subscribe", "1", "#", "", R"({"qos":1})"});
    link.next = PeerLink::Sent::full;
    for (int count = 0; count < 20; ++count) small.gate.inject("a", std::string(10'000, 'x'), nullptr, Qos::at_least_once);
    EXPECT_TRUE(peer.over());
    EXPECT_EQ(small.gate.closed, std::vector<CloseReason>{CloseReason::slow_consumer});
}

TEST_F(ZeromqPeer, AnswersNobodyReadsAreBoundedToo) {
    small.limits.outbound_queue = 10'000;
    link.next = PeerLink::Sent::full;
    for (int count = 0; count < 1'000 && !peer.over(); ++count) say({"ping", "9"});
    EXPECT_EQ(small.gate.closed, std::vector<CloseReason>{CloseReason::slow_consumer});
}

TEST_F(ZeromqPeer, APeerThatHasLeftIsNoticedAtTheNextMessage) {
    say({"subscribe", "1", "#"});
    link.next = PeerLink::Sent::gone;
    small.gate.inject("a", "1");
    EXPECT_TRUE(peer.left());
    peer.end(CloseReason::connection_lost);
    EXPECT_TRUE(small.gate.subscriptions.empty());
    EXPECT_EQ(small.gate.closed, std::vector<CloseReason>{CloseReason::connection_lost});
}

class ZeromqDurablePeer : public ZeromqPeer {
protected:
    void deliver(std::uint64_t sequence, Repeat repeat = Repeat::no) {
        Draft draft;
        draft.topic = *Topic::parse({}, "a");
        draft.payload = as_bytes(std::string_view("x"));
        draft.qos = Qos::at_least_once;
        const EnvelopePtr envelope = Envelope::make(std::move(draft), {{}, {}, nullptr, small.clock.now()});
        Template encoded;
        peer.encode(*envelope, peer.variant({}), encoded);
        peer.deliver({envelope, encoded, Qos::at_least_once, false, {}, sequence, repeat});
    }
    using Acknowledged = std::vector<std::pair<std::uint64_t, Progress>>;
};

TEST_F(ZeromqDurablePeer, TheFirstOpMayNameASessionThatStays) {
    small.gate.resumes = true;
    say({"session", "1", "desk", "", R"({"expiry":"2h","clean":true})"});
    EXPECT_EQ(last(), (Message{"ack", "1", "desk", "", R"({"resumed":true})"}));
    EXPECT_EQ(peer.name(), "desk");
    EXPECT_EQ(small.gate.terms.expiry, std::chrono::hours(2));
    EXPECT_TRUE(small.gate.terms.clean_start);
    EXPECT_EQ(small.gate.ready_calls, 1);
}

TEST_F(ZeromqDurablePeer, AnyOtherOpOpensOneThatEndsWithThePeer) {
    EXPECT_TRUE(small.gate.open_sessions.empty());
    say({"ping", "1"});
    EXPECT_EQ(small.gate.open_sessions.size(), 1U);
    EXPECT_FALSE(small.gate.terms.durable());
    say({"session", "2", "desk"});
    EXPECT_EQ(last()[3], "bad_request");
    say({"ack", "3", "1"});
    EXPECT_EQ(last(), (Message{"ack", "3", "", "", ""})) << "there is nothing to acknowledge";
}

TEST_F(ZeromqDurablePeer, ABadNameIsRefusedAndAnotherMayFollow) {
    for (const std::string_view name : {"", "a/b", "a+"}) {
        say({"session", "1", std::string(name)});
        EXPECT_EQ(last()[3], "bad_request") << name;
    }
    say({"session", "1", "desk", "", R"({"retain":true,"window":0})"});
    EXPECT_EQ(last()[3], "bad_request");
    say({"session", "1", "desk"});
    EXPECT_EQ(last()[0], "ack");
    EXPECT_EQ(small.gate.terms.expiry, default_expiry);
    EXPECT_FALSE(small.gate.terms.clean_start);
}

TEST_F(ZeromqDurablePeer, MessagesHaveNumbersAndOneAcknowledgementStandsForAllBeforeIt) {
    say({"session", "1", "desk"});
    deliver(7);
    EXPECT_EQ(last(), (Message{"message", "", "a", "x", R"({"qos":1,"seq":7})"}));
    deliver(9, Repeat::maybe);
    EXPECT_EQ(last(), (Message{"message", "", "a", "x", R"({"qos":1,"seq":9,"repeat":true})"}));
    const std::size_t before = link.sent.size();
    say({"ack", "", "6"});
    EXPECT_TRUE(small.gate.acknowledged.empty());
    say({"ack", "", "9"});
    EXPECT_EQ(small.gate.acknowledged, (Acknowledged{{9, Progress::done_up_to}}));
    EXPECT_EQ(link.sent.size(), before) << "without an id nothing is answered";
    for (const std::string_view bad : {"", "x", "9x", "-1", "99999999999999999999"}) {
        say({"ack", "", std::string(bad)});
        EXPECT_EQ(last()[3], "bad_request") << bad;
    }
}

TEST_F(ZeromqDurablePeer, ItsWindowClosesAndOpens) {
    say({"session", "1", "desk", "", R"({"window":2})"});
    deliver(1);
    EXPECT_TRUE(peer.accepts(Qos::at_least_once));
    deliver(2);
    EXPECT_FALSE(peer.accepts(Qos::at_least_once));
    say({"ack", "", "1"});
    EXPECT_TRUE(peer.accepts(Qos::at_least_once));
    link.next = PeerLink::Sent::full;
    deliver(3);
    EXPECT_FALSE(peer.accepts(Qos::at_least_once));
    link.next = PeerLink::Sent::yes;
    const int before = small.gate.ready_calls;
    peer.pump();
    EXPECT_EQ(small.gate.ready_calls, before + 1);
    EXPECT_EQ(last()[4], R"({"qos":1,"seq":3})");
}

TEST_F(ZeromqDurablePeer, WhatAnotherProtocolLeftHalfAcknowledgedIsFinished) {
    say({"session", "1", "desk"});
    deliver(3, Repeat::release);
    EXPECT_EQ(small.gate.acknowledged, (Acknowledged{{3, Progress::done}}));
    EXPECT_EQ(link.sent.size(), 1U);
}

TEST_F(ZeromqDurablePeer, EndKeepsNothing) {
    say({"session", "1", "desk"});
    say({"end", "2"});
    EXPECT_EQ(last(), (Message{"ack", "2", "", "", ""}));
    EXPECT_EQ(small.gate.terms.expiry, Duration::zero());
}

TEST_F(ZeromqDurablePeer, FieldsOfSessionsBelongToNoOtherOp) {
    for (const std::string_view field : {R"({"seq":1})", R"({"repeat":true})", R"({"expiry":1})", R"({"window":1})", R"({"clean":true})"}) {
        say({"publish", "1", "a", "x", std::string(field)});
        EXPECT_EQ(last()[3], "bad_request") << field;
    }
}

TEST_F(ZeromqPeer, ClosingSaysGoodbye) {
    peer.close(CloseReason::administrative, "revoked");
    EXPECT_EQ(last(), (Message{"error", "", "", "administrative", R"({"code":"administrative","reason":"revoked"})"}));
    EXPECT_TRUE(peer.over());
    EXPECT_TRUE(small.gate.open_sessions.empty());
}

TEST_F(ZeromqPeer, IsIdleOnlyWithoutSubscriptions) {
    const TimePoint before = small.clock.now();
    EXPECT_TRUE(peer.idle_since(before));
    small.advance(std::chrono::seconds(1));
    say({"ping"});
    EXPECT_FALSE(peer.idle_since(before));
    say({"subscribe", "1", "#"});
    EXPECT_FALSE(peer.idle_since(small.clock.now() + std::chrono::hours(1)));
}

}  // namespace
}  // namespace junctor::zeromq
