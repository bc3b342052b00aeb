// Deliveries that somebody elsewhere judges, through the gate.

#include "policy/withheld.hpp"

#include <gtest/gtest.h>

#include "tests/support/late_authorizer.hpp"
#include "tests/unit/policy/sleeper.hpp"

namespace junctor {
namespace {

using test::LateAuthorizer;

class WithheldTest : public ::testing::Test {
protected:
    explicit WithheldTest(const Limits& limits = {}, HistoryRulesPtr histories = std::make_shared<const HistoryRules>())
        : policy(std::make_shared<Policy>()), late(std::make_shared<LateAuthorizer>()) {
        policy->authorizers.push_back(late);
        late->deliveries = true;
        late->known = {Verb::connect, Verb::publish, Verb::subscribe, Verb::presence, Verb::history};
        cluster.emplace(std::uint16_t{1}, 1, policy, limits, nullptr, TestCluster::Remote{}, std::move(histories));
    }

    Texts waiting() const {
        Texts all;
        for (const auto& each : late->asked) all.push_back(std::string(to_string(each.question.verb)) + " " + each.question.object);
        return all;
    }
    std::int64_t metric(const char* name) { return metric_total(name, {&cluster->metrics()}); }
    void answer_all(Outcome outcome, Duration valid_for = 1h) {
        while (!late->asked.empty()) late->answer(outcome, valid_for);
        cluster->settle();
    }

    std::shared_ptr<Policy> policy;
    std::shared_ptr<LateAuthorizer> late;
    std::optional<TestCluster> cluster;
};

TEST_F(WithheldTest, ADeliveryWaitsForItsVerdictAndWhatIsBehindItForBoth) {
    FakeClient reader(*cluster, "reader"), speaker(*cluster);
    reader.subscribe("#");
    speaker.publish("a", "1", qos1, 7);
    EXPECT_EQ(speaker->settlement(7)->code, Errc::ok) << "the publisher does not wait";
    speaker.publish("b", "2");
    speaker.publish("a", "3");
    EXPECT_EQ(waiting(), Texts{"receive a"});
    EXPECT_TRUE(reader->deliveries.empty());
    EXPECT_EQ(reader->held, 0) << "the client is read on";
    late->answer(Outcome::allow);
    EXPECT_EQ(reader->payloads(), Texts{"1"});
    EXPECT_EQ(waiting(), Texts{"receive b"});
    late->answer(Outcome::allow);
    EXPECT_EQ(reader->payloads(), (Texts{"1", "2", "3"})) << "in their order";
    speaker.publish("b", "4");
    EXPECT_EQ(reader->payloads().size(), 4U) << "it is remembered";
    EXPECT_EQ(metric("junctor_policy_withheld_bytes"), 0);
}

TEST_F(WithheldTest, TopicsAreAskedAboutTogether) {
    FakeClient reader(*cluster, "reader"), speaker(*cluster);
    reader.subscribe("#");
    for (const char* topic : {"a", "b", "c", "b", "d"}) speaker.publish(topic, topic);
    EXPECT_EQ(waiting(), Texts{"receive a"});
    late->answer(Outcome::allow);
    EXPECT_EQ(waiting(), (Texts{"receive b", "receive c", "receive d"}));
    late->answer(Outcome::allow);
    late->answer(Outcome::deny);
    EXPECT_EQ(reader->payloads(), Texts{"a"}) << "all that were asked together are heard together";
    late->answer(Outcome::allow);
    EXPECT_EQ(reader->payloads(), (Texts{"a", "b", "b", "d"}));
    EXPECT_EQ(metric("junctor_denied_total"), 1);
}

TEST_F(WithheldTest, SessionsDoNotWaitForEachOther) {
    FakeClient slow(*cluster, "slow"), quick(*cluster, "quick"), speaker(*cluster);
    quick.subscribe("a");
    speaker.publish("a", "0");
    late->answer(Outcome::allow);
    slow.subscribe("a");
    speaker.publish("a", "1");
    EXPECT_EQ(quick->payloads(), (Texts{"0", "1"}));
    EXPECT_TRUE(slow->deliveries.empty());
    late->answer(Outcome::deny);
    speaker.publish("a", "2");
    EXPECT_TRUE(slow->deliveries.empty());
    EXPECT_EQ(quick->payloads().size(), 3U);
}

TEST_F(WithheldTest, AVerdictWithoutTimeCountsForWhatWaits) {
    FakeClient reader(*cluster, "reader"), speaker(*cluster);
    reader.subscribe("a");
    speaker.publish("a", "1");
    speaker.publish("a", "2");
    late->answer(Outcome::allow, Duration::zero());
    EXPECT_EQ(reader->payloads(), (Texts{"1", "2"}));
    speaker.publish("a", "3");
    EXPECT_EQ(waiting(), Texts{"receive a"});
    late->answer(Outcome::deny, Duration::zero());
    EXPECT_EQ(reader->payloads().size(), 2U);
}

TEST_F(WithheldTest, AVerdictEndsWithItsTime) {
    FakeClient reader(*cluster, "reader"), speaker(*cluster);
    reader.subscribe("a");
    speaker.publish("a", "1");
    late->answer(Outcome::allow, 10s);
    cluster->advance(9s);
    speaker.publish("a", "2");
    EXPECT_EQ(reader->payloads().size(), 2U);
    cluster->advance(2s);
    speaker.publish("a", "3");
    EXPECT_EQ(reader->payloads().size(), 2U);
    late->answer(Outcome::deny, 10s);
    speaker.publish("a", "4");
    EXPECT_EQ(reader->payloads().size(), 2U);
}

TEST_F(WithheldTest, ChangedRulesAskAgain) {
    FakeClient reader(*cluster, "reader"), speaker(*cluster);
    reader.subscribe("a");
    speaker.publish("a", "1");
    late->answer(Outcome::allow);
    speaker.publish("a", "2");
    ++policy->epoch;
    speaker.publish("a", "3");
    EXPECT_EQ(reader->payloads(), (Texts{"1", "2"}));
    EXPECT_EQ(waiting(), Texts{"receive a"});
    ++policy->epoch;  // in the middle of it
    cluster->gate().refresh();
    cluster->advance(10ms);
    EXPECT_EQ(waiting(), (Texts{"receive a", "receive a"}));
    late->answer(Outcome::allow);
    EXPECT_EQ(reader->payloads().size(), 2U) << "under the old rules";
    late->answer(Outcome::deny);
    EXPECT_EQ(reader->payloads().size(), 2U);
}

TEST_F(WithheldTest, LocalRulesSpareTheQuestion) {
    policy->authorizers.push_back(std::make_shared<RuleAuthorizer>(
        [](const Principal&, Verb verb, std::string_view object) { return verb == Verb::receive && object == "secret" ? Outcome::deny : Outcome::allow; }));
    FakeClient reader(*cluster, "reader"), speaker(*cluster);
    reader.subscribe("#");
    speaker.publish("secret", "1");
    EXPECT_TRUE(late->asked.empty());
    EXPECT_TRUE(reader->deliveries.empty());
    EXPECT_GE(metric("junctor_denied_total"), 1);
}

TEST_F(WithheldTest, RetainedValuesWaitToo) {
    FakeClient speaker(*cluster);
    speaker.retain("a", "kept");
    speaker.retain("b", "secret");
    FakeClient reader(*cluster, "reader");
    reader.subscribe("#");
    EXPECT_TRUE(reader->deliveries.empty());
    speaker.publish("a", "live");
    late->rule = [](const KeptQuestion& asked) { return asked.object == "b" ? Outcome::deny : Outcome::allow; };
    answer_all(Outcome::allow);
    EXPECT_EQ(reader->payloads(), (Texts{"kept", "live"}));
    EXPECT_TRUE(reader->deliveries[0].retain);
}

TEST_F(WithheldTest, WhoReadsRetainedValuesAsksFirst) {
    FakeClient speaker(*cluster), reader(*cluster, "reader");
    speaker.retain("a", "kept");
    speaker.retain("b", "secret");
    const TopicFilter all = *TopicFilter::parse({}, "#");
    std::vector<std::string> seen;
    const auto read = [&] {
        reader.gate().retained(*reader, all, 10, [&](const EnvelopePtr& each) { seen.emplace_back(as_text(each->payload())); });
    };
    read();
    EXPECT_TRUE(seen.empty()) << "who does not ask hears nothing";
    const auto wait = reader.gate().when_known(*reader, Verb::subscribe, "#", read);
    ASSERT_EQ(late->asked.size(), 2U);
    while (!late->asked.empty()) late->answer(late->asked.front().question.object == "a" ? Outcome::allow : Outcome::deny, Duration::zero());
    EXPECT_EQ(seen, Texts{"kept"});
}

TEST_F(WithheldTest, ASessionThatGoesTakesAlongWhatItWaitsFor) {
    FakeClient speaker(*cluster);
    {
        FakeClient reader(*cluster, "reader");
        reader.subscribe("a");
        speaker.publish("a", "1", qos1, 1);
        EXPECT_GT(metric("junctor_policy_withheld_bytes"), 0);
    }
    EXPECT_EQ(metric("junctor_policy_withheld_bytes"), 0);
    late->answer(Outcome::allow);
}

TEST_F(WithheldTest, ASessionMayLeaveInTheMiddleOfIt) {
    FakeClient reader(*cluster, "reader"), speaker(*cluster);
    reader.subscribe("a");
    for (const char* text : {"1", "2", "3"}) speaker.publish("a", text);
    reader->on_deliver = [&](const Delivery&) {
        if (reader->deliveries.size() == 2) reader.close();
    };
    late->answer(Outcome::allow);
    EXPECT_EQ(reader->payloads(), (Texts{"1", "2"}));
    EXPECT_EQ(metric("junctor_policy_withheld_bytes"), 0);
}

TEST_F(WithheldTest, WhatIsPublishedMeanwhileComesAfterwards) {
    FakeClient reader(*cluster, "reader"), speaker(*cluster);
    reader.subscribe("a");
    speaker.publish("a", "1");
    speaker.publish("a", "2");
    reader->on_deliver = [&](const Delivery& delivery) {
        if (as_text(delivery.envelope->payload()) == "1") speaker.publish("a", "3");
    };
    late->answer(Outcome::allow);
    EXPECT_EQ(reader->payloads(), (Texts{"1", "2", "3"}));
}

// A group's message goes to a member that may have it, whoever was asked first.
TEST_F(WithheldTest, AMemberThatMayNotHaveItLeavesItToAnother) {
    std::optional<FakeClient> one, other;
    one.emplace(*cluster, "one");
    other.emplace(*cluster, "other");
    for (auto* each : {&*one, &*other}) each->subscribe("$share/g/a", qos1);
    FakeClient speaker(*cluster);
    speaker.publish("a", "1", qos1, 1);
    ASSERT_EQ(late->asked.size(), 1U);
    const bool first = late->asked.front().question.session == "one";
    late->answer(Outcome::deny, Duration::zero());
    cluster->settle();
    ASSERT_EQ(late->asked.size(), 1U);
    late->answer(Outcome::allow);
    EXPECT_EQ((first ? *other : *one)->payloads(), Texts{"1"});
    speaker.publish("a", "2", qos1, 2);
    cluster->settle();
    EXPECT_EQ((first ? *other : *one)->payloads(), (Texts{"1", "2"})) << "who was refused a moment ago is passed over";
    EXPECT_TRUE(late->asked.empty());
}

TEST_F(WithheldTest, ASendEndsWithNobodyWhenNobodyMayHaveIt) {
    FakeClient one(*cluster, "one"), other(*cluster, "other"), speaker(*cluster);
    for (FakeClient* each : {&one, &other}) each->subscribe("a", qos1);
    speaker.send("a", "1", 1);
    late->answer(Outcome::deny, Duration::zero());
    late->answer(Outcome::deny, Duration::zero());
    EXPECT_TRUE(late->asked.empty());
    EXPECT_EQ(one->deliveries.size() + other->deliveries.size(), 0U);
    speaker.send("a", "2", 2);
    EXPECT_EQ(speaker->settlement(2)->code, Errc::no_receivers);
}

TEST_F(WithheldTest, AMessageOfAGroupOutlivesTheMemberThatWaited) {
    FakeClient speaker(*cluster), other(*cluster, "other");
    {
        FakeClient one(*cluster, "one");
        one.subscribe("$share/g/a", qos1);
        speaker.publish("a", "1", qos1, 1);
        ASSERT_EQ(waiting(), Texts{"receive a"});
        other.subscribe("$share/g/a", qos1);
    }
    cluster->settle();
    late->answer(Outcome::allow);  // the one who went
    late->answer(Outcome::allow);
    EXPECT_EQ(other->payloads(), Texts{"1"});
}

TEST_F(WithheldTest, ADurableSessionKeepsItsOwnAndIsJudgedWhenItGoes) {
    Sleeper sleeper(*cluster);
    sleeper.connect().subscribe("#", qos1);
    FakeClient speaker(*cluster);
    speaker.publish("a", "1", qos1, 1);
    speaker.publish("b", "2", qos1, 2);
    speaker.publish("a", "3", qos1, 3);
    EXPECT_EQ(speaker->settlement(3)->code, Errc::ok);
    EXPECT_TRUE(sleeper->deliveries.empty());
    EXPECT_EQ(waiting(), Texts{"receive a"});
    late->answer(Outcome::allow, Duration::zero());
    EXPECT_EQ(sleeper->payloads(), Texts{"1"});
    sleeper.client.reset();
    late->answer(Outcome::deny);
    sleeper.connect();
    EXPECT_EQ(waiting(), Texts{"receive a"});
    while (!late->asked.empty()) late->answer(late->asked.front().question.object == "a" ? Outcome::allow : Outcome::deny);
    EXPECT_EQ(sleeper->payloads(), (Texts{"1", "3"})) << "1 was not acknowledged; 2 is denied";
}

TEST_F(WithheldTest, ADurableMemberThatMayNotHaveItLeavesItToAnother) {
    Sleeper sleeper(*cluster);
    sleeper.connect().subscribe("$share/g/a", qos1);
    FakeClient speaker(*cluster);
    speaker.publish("a", "1", qos1, 1);
    ASSERT_EQ(waiting(), Texts{"receive a"});
    FakeClient other(*cluster, "other");
    other.subscribe("$share/g/a", qos1);
    late->answer(Outcome::deny, Duration::zero());
    cluster->settle();
    ASSERT_EQ(waiting(), Texts{"receive a"}) << "about the other one";
    late->answer(Outcome::allow);
    EXPECT_EQ(other->payloads(), Texts{"1"});
    EXPECT_TRUE(sleeper->deliveries.empty());
    EXPECT_EQ(cluster->gate().durable_sessions().messages().size(), 0U);
    EXPECT_EQ(metric_total("junctor_messages_dropped_total", {&cluster->metrics()}), 0) << "nothing was lost";
}

TEST_F(WithheldTest, ASendThatADurableSessionMayNotHaveGoesToAnother) {
    Sleeper sleeper(*cluster);
    sleeper.connect().subscribe("a", qos1);
    FakeClient speaker(*cluster);
    speaker.send("a", "1", 1);
    ASSERT_EQ(waiting(), Texts{"receive a"});
    FakeClient other(*cluster, "other");
    other.subscribe("a", qos1);
    late->answer(Outcome::deny, Duration::zero());
    cluster->settle();
    ASSERT_EQ(waiting(), Texts{"receive a"});
    late->answer(Outcome::allow);
    EXPECT_EQ(other->payloads(), Texts{"1"});
    EXPECT_TRUE(sleeper->deliveries.empty());
}

TEST_F(WithheldTest, WhatWaitsCountsAmongWhatIsQueued) {
    policy->limits[static_cast<std::size_t>(Scope::principal)] = {.queued = 3'000};
    cluster.emplace(std::uint16_t{1}, 1, policy);
    FakeClient reader(*cluster, "reader"), speaker(*cluster);
    reader.subscribe("#");
    for (const char* first : {"1", "2"}) speaker.publish("a", first + std::string(1'000, 'x'));
    EXPECT_LT(reader->share()->room(), 1'000U);
    speaker.publish("a", std::string(1'000, '3'));
    answer_all(Outcome::allow);
    ASSERT_EQ(reader->deliveries.size(), 2U);
    EXPECT_EQ(reader->deliveries[0].payload.front(), '2') << "the oldest went";
    EXPECT_EQ(reader->share()->room(), 3'000U);
}

TEST_F(WithheldTest, WhoMayNotHaveItIsNotStoredFor) {
    Sleeper sleeper(*cluster);
    sleeper.connect().subscribe("#", qos1);
    FakeClient speaker(*cluster);
    speaker.publish("a", "1", qos1, 1);
    late->answer(Outcome::deny);
    sleeper.client.reset();
    speaker.publish("a", "2", qos1, 2);
    EXPECT_EQ(cluster->gate().durable_sessions().messages().size(), 0U);
}

class WithheldHistoryTest : public WithheldTest {
protected:
    WithheldHistoryTest() : WithheldTest({}, std::make_shared<const HistoryRules>(std::vector<HistoryRule>{{*TopicFilter::parse({}, "h/#"), {.messages = 10'000, .bytes = 1 << 20}}})) {}
};

TEST_F(WithheldHistoryTest, ThePastWaitsInItsOrder) {
    FakeClient speaker(*cluster), reader(*cluster, "reader");
    for (int i = 0; i < 600; ++i) speaker.publish(i % 2 ? "h/odd" : "h/even", std::to_string(i));
    late->rule = [](const KeptQuestion& asked) { return asked.object == "h/odd" ? Outcome::allow : Outcome::deny; };
    const SubscribeRequest request{*TopicFilter::parse({}, "h/#"), {}, HistoryStart{HistoryStart::From::first, {}}};
    reader.gate().subscribe(*reader, {&request, 1}, Token{1});
    cluster->settle();
    speaker.publish("h/odd", "live");
    cluster->settle();
    ASSERT_EQ(reader->deliveries.size(), 301U);
    EXPECT_EQ(reader->payloads().front(), "1");
    EXPECT_EQ(reader->payloads().back(), "live");
    EXPECT_TRUE(std::ranges::is_sorted(reader->deliveries, {}, [](const auto& each) { return each.envelope->history().offset; }));
}

TEST_F(WithheldHistoryTest, APartOfItIsReadWhenItIsKnown) {
    FakeClient speaker(*cluster), reader(*cluster, "reader");
    for (const char* topic : {"h/a", "h/b", "h/a"}) speaker.publish(topic, topic);
    reader.gate().history(*reader, {*TopicFilter::parse({}, "h/#"), HistoryStart{HistoryStart::From::first, {}}, 10, 10'000}, Token{1});
    cluster->settle();
    EXPECT_EQ(waiting(), (Texts{"receive h/a", "receive h/b"}));
    EXPECT_TRUE(reader->pages.empty());
    late->answer(Outcome::allow, Duration::zero());
    late->answer(Outcome::deny, Duration::zero());
    ASSERT_EQ(reader->pages.size(), 1U);
    EXPECT_EQ(reader->pages[0].messages.size(), 2U);
}

class WithheldBoundsTest : public WithheldTest {
protected:
    static Limits small() {
        Limits limits;
        limits.outbound_queue = 10'000;
        return limits;
    }
    WithheldBoundsTest() : WithheldTest(small()) {}
};

TEST_F(WithheldBoundsTest, TheOldestGoesOrWhoCountsOnIt) {
    FakeClient reader(*cluster, "reader"), sure(*cluster, "sure"), speaker(*cluster);
    reader.subscribe("a");
    sure->close_through = &cluster->gate();
    sure.subscribe("b", qos1);
    for (int i = 0; i < 20; ++i) speaker.publish("a", std::to_string(i) + std::string(1'000, 'x'));
    for (int i = 0; i < 20; ++i) speaker.publish("b", std::to_string(i) + std::string(1'000, 'x'), qos1, 1);
    EXPECT_EQ(sure->closed, CloseReason::slow_consumer);
    EXPECT_EQ(sure->closed_text, "too many messages wait for the policy service");
    EXPECT_FALSE(reader->closed);
    answer_all(Outcome::allow);
    EXPECT_LT(reader->deliveries.size(), 10U);
    EXPECT_EQ(reader->payloads().back().substr(0, 2), "19");
    EXPECT_GT(metric("junctor_messages_dropped_total"), 5);
}

}  // namespace
}  // namespace junctor
