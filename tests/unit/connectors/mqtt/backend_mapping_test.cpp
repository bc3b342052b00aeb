#include "connectors/mqtt/backend_mapping.hpp"

#include <gtest/gtest.h>
#include <mqtt/async_client.h>

#include "core/model/hop_path.hpp"

namespace junctor::mqtt {
namespace {

using namespace std::chrono_literals;

class BackendMapping : public ::testing::Test {
protected:
    /// Paho frees only what it allocated after its first client was made.
    BackendMapping() { static const ::mqtt::async_client first("tcp://127.0.0.1:1", "first"); }

    EnvelopePtr envelope(std::unique_ptr<Extras> extras = {}, std::optional<Duration> ttl = {}, SessionId origin = {}) {
        Draft draft;
        draft.topic = *Topic::parse({}, "a/b");
        draft.payload = as_bytes("payload");
        draft.qos = Qos::at_least_once;
        draft.retain = true;
        draft.ttl = ttl;
        draft.extras = std::move(extras);
        return Envelope::make(std::move(draft), {{}, origin, nullptr, now});
    }
    /// What another gateway, or this one, makes of what this one sends.
    FromBroker there_and_back(const Envelope& sent, const BrokerIdentity& receiver) {
        kept = to_message(sent, "a/b", now, me);
        return *from_message(*kept, topics, receiver);
    }

    const TimePoint now{1h};
    const BrokerIdentity me{"me", true};
    const BrokerIdentity other{"other", true};
    const WireTopics topics{"junctor"};
    ::mqtt::message_ptr kept;
};

TEST_F(BackendMapping, AllThatAMessageHasCrosses) {
    auto extras = std::make_unique<Extras>();
    extras->content_type = "text/plain";
    extras->headers = {{"k", "1"}, {"other", ""}, {"k", "2"}};
    extras->reply_to = "answers";
    extras->correlation = {0, 255};
    extras->trace = "00-1-2-3";
    extras->is_text = true;
    const FromBroker got = there_and_back(*envelope(std::move(extras), 90s), other);
    EXPECT_EQ(got.draft.topic.text(), "a/b");
    EXPECT_EQ(as_text(got.draft.payload), "payload");
    EXPECT_EQ(got.draft.qos, Qos::at_least_once);
    EXPECT_TRUE(got.draft.retain);
    EXPECT_EQ(got.draft.ttl, Duration(90s));
    ASSERT_TRUE(got.draft.extras);
    EXPECT_EQ(got.draft.extras->content_type, "text/plain");
    EXPECT_EQ(got.draft.extras->headers, (std::vector<Header>{{"k", "1"}, {"other", ""}, {"k", "2"}}));
    EXPECT_EQ(got.draft.extras->reply_to, "answers");
    EXPECT_EQ(got.draft.extras->correlation, (ByteBuffer{0, 255}));
    EXPECT_EQ(got.draft.extras->trace, "00-1-2-3");
    EXPECT_TRUE(got.draft.extras->is_text);
    EXPECT_EQ(got.draft.extras->hops, "me");
}

TEST_F(BackendMapping, WhatIsPassedOnLooksAsIfItsPublisherHadChosenAnew) {
    const TopicFilter group = *TopicFilter::parse({}, "$share/g/a/#");
    const auto passed = [&](const std::string& hops, SessionId origin, const BrokerIdentity& receiver) {
        auto extras = std::make_unique<Extras>();
        extras->hops = hops;
        kept = to_passed_message(*envelope(std::move(extras), {}, origin), topics.passing(group, 2, *Topic::parse({}, "a/b")), now, me);
        return *from_message(*kept, topics, receiver);
    };
    const SessionId session = SessionId::make({1}, 2, 3);
    const FromBroker got = passed("far,other", {}, other);
    EXPECT_EQ(got.draft.topic.text(), "a/b");
    EXPECT_EQ(got.draft.passes, 2);
    EXPECT_FALSE(got.draft.retain);
    EXPECT_EQ(got.draft.extras->hops, "far,other");
    EXPECT_EQ(passed("far,me", session, me).origin, session);
    EXPECT_EQ(passed("", {}, other).draft.extras->hops, "me");
}

TEST_F(BackendMapping, OnlyItsOwnGatewayKnowsTheSession) {
    const SessionId session = SessionId::make({1}, 2, 3);
    EXPECT_EQ(there_and_back(*envelope({}, {}, session), me).origin, session);
    EXPECT_EQ(there_and_back(*envelope({}, {}, session), other).origin, SessionId{});
}

TEST_F(BackendMapping, ClientsCannotSpeakAsGateways) {
    auto extras = std::make_unique<Extras>();
    extras->headers = {{"junctor-hops", "other"}, {"junctor-origin", "1"}, {"mine", "x"}};
    const FromBroker got = there_and_back(*envelope(std::move(extras)), other);
    EXPECT_EQ(got.draft.extras->hops, "me");
    EXPECT_EQ(got.draft.extras->headers, (std::vector<Header>{{"mine", "x"}}));
}

TEST_F(BackendMapping, APathThatIsFullGoesNoFurther) {
    auto extras = std::make_unique<Extras>();
    extras->hops = std::string(max_hop_path, 'x');
    EXPECT_FALSE(to_message(*envelope(std::move(extras)), "a/b", now, me));
}

TEST_F(BackendMapping, AForeignPathIsReadOnlyIfItIsOne) {
    ::mqtt::properties properties;
    properties.add({::mqtt::property::USER_PROPERTY, "junctor-hops", "not a path\n"});
    const auto message = ::mqtt::message::create("a", "x", 1, 0, false);
    message->set_properties(properties);
    EXPECT_FALSE(from_message(*message, topics, me)->draft.extras);
}

TEST_F(BackendMapping, OldBrokersCarryTheMessageAlone) {
    const BrokerIdentity old{"me", false};
    auto extras = std::make_unique<Extras>();
    extras->content_type = "text/plain";
    const auto message = to_message(*envelope(std::move(extras)), "a/b", now, old);
    EXPECT_TRUE(message->get_properties().empty());
    EXPECT_FALSE(from_message(*message, topics, old)->draft.extras);
}

TEST_F(BackendMapping, WhatIsNoTopicIsNothing) {
    for (const char* topic : {"junctor/x", "junctor/0/plain", "bad\x01topic"})
        EXPECT_FALSE(from_message(*::mqtt::message::create(topic, "x", 1, 0, false), topics, me)) << topic;
}

TEST_F(BackendMapping, RefusalsMeanTheSameHere) {
    EXPECT_EQ(to_errc(0x87), Errc::denied);
    EXPECT_EQ(to_errc(0x97), Errc::quota_exceeded);
    EXPECT_EQ(to_errc(0x95), Errc::too_large);
    EXPECT_EQ(to_errc(0x90), Errc::bad_topic);
    EXPECT_EQ(to_errc(0x9E), Errc::unsupported);
    EXPECT_EQ(to_errc(0x80), Errc::unavailable);
}

}  // namespace
}  // namespace junctor::mqtt
