// What waits for an authorizer elsewhere, through the gate.

#include <gtest/gtest.h>

#include "policy/policy_gate.hpp"
#include "tests/support/fake_client.hpp"
#include "tests/support/late_authorizer.hpp"
#include "tests/support/test_cluster.hpp"
#include "tests/support/test_vouching.hpp"

namespace junctor {
namespace {

using namespace std::chrono_literals;
using test::FakeClient;
using test::FakeSession;
using test::LateAuthorizer;
using test::TestCluster;
using test::TestVouching;
using Outcome = Verdict::Outcome;
using Texts = std::vector<std::string>;

constexpr Qos qos1 = Qos::at_least_once;

class GateWaitingTest : public ::testing::Test {
protected:
    explicit GateWaitingTest(const Limits& limits = {}) : policy(std::make_shared<Policy>()), late(std::make_shared<LateAuthorizer>()) {
        policy->authorizers.push_back(late);
        late->known = {Verb::connect};
        cluster.emplace(1, 1, policy, limits);
        reader.emplace(*cluster);
        late->rule = [](const KeptQuestion&) { return Outcome::allow; };
        reader->subscribe("#");
        late->rule = {};
    }
    ~GateWaitingTest() override {
        reader.reset();
        cluster.reset();
    }

    static void subscribe(FakeClient& client, const char* filter, std::uint64_t token) {
        const SubscribeRequest request{*TopicFilter::parse({}, filter), {}};
        client.gate().subscribe(*client, {&request, 1}, Token{token});
    }
    static void unsubscribe(FakeClient& client, const char* filter, std::uint64_t token) {
        const TopicFilter parsed = *TopicFilter::parse({}, filter);
        client.gate().unsubscribe(*client, {&parsed, 1}, Token{token});
    }

    Texts waiting() const {
        Texts all;
        for (const auto& each : late->asked) all.push_back(std::string(to_string(each.question.verb)) + " " + each.question.object);
        return all;
    }
    std::int64_t metric(const char* name) { return metric_total(name, {&cluster->metrics()}); }

    std::shared_ptr<Policy> policy;
    std::shared_ptr<LateAuthorizer> late;
    std::optional<TestCluster> cluster;
    std::optional<FakeClient> reader;
};

TEST_F(GateWaitingTest, APublishWaitsForItsVerdict) {
    FakeClient client(*cluster);
    client.publish("a", "1", qos1, 7);
    EXPECT_EQ(waiting(), Texts{"publish a"});
    EXPECT_TRUE((*reader)->deliveries.empty());
    EXPECT_EQ(client->settlement(7), nullptr);
    EXPECT_EQ(client->held, 1) << "nothing more is to be read from the client";
    late->answer(Outcome::allow);
    EXPECT_EQ((*reader)->payloads(), Texts{"1"});
    EXPECT_EQ(client->settlement(7)->code, Errc::ok);
    EXPECT_EQ(client->held, 0);
    client.publish("a", "2");
    EXPECT_EQ((*reader)->payloads(), (Texts{"1", "2"})) << "it is remembered";
    EXPECT_EQ(metric("junctor_policy_waiting"), 0);
    EXPECT_EQ(metric("junctor_policy_waiting_bytes"), 0);
}

TEST_F(GateWaitingTest, ADenialComesLateAndWithItsReason) {
    FakeClient client(*cluster);
    client.publish("a", "1", qos1, 7);
    late->answer(Outcome::deny, 1h, "not today");
    EXPECT_EQ(client->settlement(7)->code, Errc::denied);
    EXPECT_EQ(client->settlement(7)->reason, "not today");
    EXPECT_EQ(metric("junctor_denied_total"), 1);
    EXPECT_TRUE((*reader)->deliveries.empty());
}

// DESIGN 3: first in, first out, whatever is known of what comes later.
TEST_F(GateWaitingTest, EverythingOfTheSessionWaitsBehindIt) {
    FakeClient client(*cluster);
    client.publish("known", "0");
    late->answer(Outcome::allow);
    client.publish("a", "1");
    client.publish("known", "2", qos1, 2);
    client.publish("b", "3");
    subscribe(client, "own", 4);
    client.publish("a", "5");
    unsubscribe(client, "own", 6);
    EXPECT_EQ((*reader)->payloads(), Texts{"0"});
    EXPECT_EQ(waiting(), Texts{"publish a"});
    late->answer(Outcome::allow);
    EXPECT_EQ((*reader)->payloads(), (Texts{"0", "1", "2"}));
    late->answer(Outcome::deny);
    EXPECT_EQ(waiting(), Texts{"subscribe own"}) << "3 was denied, 5 is behind the subscribe";
    EXPECT_EQ(client->settlement(4), nullptr);
    late->answer(Outcome::allow);
    EXPECT_EQ((*reader)->payloads(), (Texts{"0", "1", "2", "5"}));
    EXPECT_EQ(client->settlement(4)->each, std::vector<Errc>{Errc::ok});
    EXPECT_EQ(client->settlement(6)->each, std::vector<Errc>{Errc::ok});
    EXPECT_EQ(client->held, 0);
}

TEST_F(GateWaitingTest, OtherSessionsGoOn) {
    FakeClient slow(*cluster, "slow");
    FakeClient other(*cluster, "other");
    other.publish("b", "0");
    late->answer(Outcome::allow);
    slow.publish("a", "1");
    other.publish("b", "2");
    EXPECT_EQ((*reader)->payloads(), (Texts{"0", "2"}));
    EXPECT_EQ(other->held, 0);
}

TEST_F(GateWaitingTest, TheSameQuestionIsAskedOnce) {
    FakeClient one(*cluster);
    FakeClient two(*cluster);
    one.publish("a", "1");
    two.publish("a", "2");
    EXPECT_EQ(late->asked.size(), 1U);
    late->answer(Outcome::allow, Duration::zero());
    EXPECT_EQ((*reader)->payloads(), (Texts{"1", "2"}));
}

TEST_F(GateWaitingTest, FiltersOfOneSubscribeAreAskedTogetherAndAnsweredOnce) {
    FakeClient client(*cluster);
    std::vector<SubscribeRequest> requests;
    for (const char* filter : {"a/#", "b", "c/+"}) requests.push_back({*TopicFilter::parse({}, filter), {}});
    client.gate().subscribe(*client, requests, Token{9});
    EXPECT_EQ(waiting(), (Texts{"subscribe a/#", "subscribe b", "subscribe c/+"}));
    late->answer(Outcome::allow, Duration::zero());
    late->answer(Outcome::deny, Duration::zero(), "not b");
    EXPECT_EQ(client->settlement(9), nullptr);
    late->answer(Outcome::allow, Duration::zero());
    EXPECT_EQ(client->settlement(9)->each, (std::vector<Errc>{Errc::ok, Errc::denied, Errc::ok}));
    EXPECT_EQ(late->questions, 4) << "however short a verdict holds";
    EXPECT_EQ(metric("junctor_denied_total"), 1) << "counted once";
}

TEST_F(GateWaitingTest, ARequestWaitsForTopicAndReplyAddress) {
    FakeClient client(*cluster);
    Draft draft = client.draft("a", "question");
    draft.extras = std::make_unique<Extras>();
    draft.extras->reply_to = "answers";
    client.gate().publish(*client, std::move(draft), Token{3});
    late->answer(Outcome::allow, Duration::zero());
    EXPECT_EQ(waiting(), Texts{"subscribe answers"});
    late->answer(Outcome::allow, Duration::zero());
    EXPECT_EQ(late->asked.size(), 0U);
    EXPECT_EQ((*reader)->payloads(), Texts{"question"});
}

TEST_F(GateWaitingTest, ChangedRulesAskAgain) {
    FakeClient client(*cluster);
    client.publish("a", "1");
    ++policy->epoch;
    reader->publish("poke", "");
    cluster->advance(10ms);
    ASSERT_EQ(waiting(), (Texts{"publish a", "publish poke", "publish a", "subscribe #"}));
    late->answer(Outcome::allow);
    EXPECT_TRUE((*reader)->deliveries.empty()) << "under the old rules";
    late->answer(Outcome::deny);
    late->answer(Outcome::allow);
    late->answer(Outcome::allow);
    EXPECT_EQ((*reader)->payloads(), Texts{"1"});
}

// Nobody will send again what nobody was to acknowledge; anything else is the client's to repeat.
TEST_F(GateWaitingTest, WhatNobodyWaitsForOutlivesItsSession) {
    {
        FakeClient client(*cluster);
        client.publish("a", "1");
        client.publish("b", "2", qos1, 2);
        subscribe(client, "c", 3);
        client.publish("d", "4");
    }
    EXPECT_EQ(cluster->core().sessions().size(), 2U) << "the reader, and a stand-in";
    late->answer(Outcome::allow);  // asked for the session that went
    EXPECT_EQ(waiting(), Texts{"publish d"});
    late->answer(Outcome::allow);
    EXPECT_EQ((*reader)->payloads(), (Texts{"1", "4"}));
    EXPECT_EQ(cluster->core().sessions().size(), 1U);
    EXPECT_EQ(metric("junctor_policy_waiting"), 0);
    EXPECT_EQ(metric("junctor_policy_waiting_bytes"), 0);
}

TEST_F(GateWaitingTest, ASessionThatGoesCancelsWhatItWaitsFor) {
    {
        FakeClient client(*cluster);
        client.publish("b", "2", qos1, 2);
        subscribe(client, "c", 3);
    }
    EXPECT_EQ(cluster->core().sessions().size(), 1U);
    late->answer(Outcome::allow);
    EXPECT_TRUE((*reader)->deliveries.empty());
}

TEST_F(GateWaitingTest, AWillWaitsBehindWhatWasPublished) {
    {
        FakeClient client(*cluster);
        EXPECT_TRUE(client.set_will("will", "gone", {}, Qos::at_most_once));
        client.publish("a", "1");
    }
    EXPECT_EQ(waiting(), Texts{"publish a"});
    late->answer(Outcome::allow);
    late->answer(Outcome::allow);
    EXPECT_EQ((*reader)->payloads(), (Texts{"1", "gone"}));
    FakeClient denied(*cluster);
    EXPECT_TRUE(denied.set_will("will", "gone"));
    ++policy->epoch;
    denied.close();
    late->answer(Outcome::deny);
    EXPECT_EQ((*reader)->deliveries.size(), 2U);
    EXPECT_EQ(cluster->core().sessions().size(), 1U);
}

TEST_F(GateWaitingTest, AWillOfADurableSessionWaitsBeyondItsEnd) {
    FakeClient client(*cluster, "name", SessionTerms{5s, false});
    EXPECT_TRUE(client.set_will("will", "gone", 1h));
    client.close();
    cluster->advance(6s);
    EXPECT_EQ(waiting(), Texts{"publish will"});
    EXPECT_EQ(cluster->core().sessions().find({}, "name"), nullptr);
    late->answer(Outcome::allow);
    EXPECT_EQ((*reader)->payloads(), Texts{"gone"});
    EXPECT_EQ(cluster->core().sessions().size(), 1U);
}

TEST_F(GateWaitingTest, ASessionMayEndWithinAnAnswer) {
    FakeClient client(*cluster);
    client->on_settled = [&](Token, const Receipt&) { client.close(); };
    client.publish("a", "1", qos1, 1);
    client.publish("a", "2", qos1, 2);
    client.publish("a", "3");
    late->answer(Outcome::allow);
    EXPECT_EQ((*reader)->payloads(), (Texts{"1", "3"}));
    EXPECT_EQ(cluster->core().sessions().size(), 1U);
    EXPECT_EQ(metric("junctor_policy_waiting"), 0);
    EXPECT_EQ(metric("junctor_policy_waiting_bytes"), 0);
}

TEST_F(GateWaitingTest, WhatIsPublishedWithinAnAnswerComesLast) {
    FakeClient client(*cluster);
    client->on_settled = [&](Token token, const Receipt&) {
        if (token == Token{1}) client.publish("a", "3");
    };
    client.publish("a", "1", qos1, 1);
    client.publish("a", "2");
    late->answer(Outcome::allow);
    EXPECT_EQ((*reader)->payloads(), (Texts{"1", "2", "3"}));
}

TEST_F(GateWaitingTest, OpeningWaitsWhereItIsAsked) {
    late->known.clear();
    FakeSession session("", "newcomer");
    EXPECT_FALSE(cluster->gate().open(session, {})) << "nobody waits within open";
    bool told = false;
    auto wait = cluster->gate().when_known(session, Verb::connect, {}, [&] {
        told = true;
        EXPECT_TRUE(cluster->gate().open(session, {}));
    });
    ASSERT_TRUE(wait);
    EXPECT_EQ(waiting(), Texts{"connect "});
    late->answer(Outcome::allow, Duration::zero());
    EXPECT_TRUE(told);
    cluster->gate().close(session, CloseReason::normal);
    wait.reset();
    told = false;
    wait = cluster->gate().when_known(session, Verb::connect, {}, [&] { told = true; });
    wait.reset();
    late->answer(Outcome::allow);
    EXPECT_FALSE(told) << "it waited no longer";
    EXPECT_FALSE(cluster->gate().when_known(session, Verb::connect, {}, [&] { told = true; }));
    EXPECT_TRUE(told) << "known already";
}

TEST_F(GateWaitingTest, RetainedValuesAreReadWhenTheVerdictIsThere) {
    FakeClient client(*cluster);
    const TopicFilter filter = *TopicFilter::parse({}, "a/#");
    EXPECT_FALSE(client.gate().retained(*client, filter, 10, [](const EnvelopePtr&) {}));
    bool told = false;
    std::unique_ptr<VerdictWait> wait = client.gate().when_known(*client, Verb::subscribe, "a/#", [&] {
        told = client.gate().retained(*client, filter, 10, [](const EnvelopePtr&) {}).has_value();
        wait.reset();
    });
    late->answer(Outcome::allow, Duration::zero());
    EXPECT_TRUE(told);
}

// DESIGN 4: judged at subscribe, and again when the rules change.
TEST_F(GateWaitingTest, ChangedRulesAskAgainAboutSubscriptions) {
    reader.reset();
    FakeClient client(*cluster, "", 0);
    subscribe(client, "a/#", 1);
    subscribe(client, "b", 2);
    late->answer(Outcome::allow);
    late->answer(Outcome::allow);
    ++policy->epoch;
    cluster->gate().refresh();
    cluster->advance(10ms);
    EXPECT_EQ(waiting(), (Texts{"subscribe b", "subscribe a/#"}));
    client.publish("a/1", "meanwhile");
    late->answer(Outcome::allow);
    late->answer(Outcome::deny);
    late->answer(Outcome::allow);
    EXPECT_EQ(client->payloads(), Texts{}) << "the subscription has ended";
    EXPECT_EQ(cluster->gate().router().filters_of(*client).size(), 1U);
    EXPECT_FALSE(client->closed);
}

TEST_F(GateWaitingTest, ChangedRulesAskAgainWhoMayBeHere) {
    late->known.clear();
    ++policy->epoch;
    cluster->gate().refresh();
    cluster->advance(10ms);
    EXPECT_EQ(waiting(), (Texts{"connect ", "subscribe #"}));
    EXPECT_FALSE((*reader)->closed) << "nobody is sent away before there is an answer";
    late->answer(Outcome::deny, 1h, "no longer");
    EXPECT_FALSE((*reader)->closed);
    late->answer(Outcome::allow);
    EXPECT_EQ((*reader)->closed, CloseReason::not_authorized);
    EXPECT_EQ((*reader)->closed_text, "no longer");
}

TEST_F(GateWaitingTest, WhoIsNoSessionHearsLaterToo) {
    const PrincipalRef who(new Principal({}, "operator"));
    std::vector<Outcome> heard;
    const auto ask = [&] { cluster->gate().ask(who, Verb::admin, {}, [&](Verdict verdict) { heard.push_back(verdict.outcome); }); };
    ask();
    ask();
    EXPECT_EQ(waiting(), Texts{"admin "});
    late->answer(Outcome::allow);
    EXPECT_EQ(heard, (std::vector<Outcome>{Outcome::allow, Outcome::allow}));
    ask();
    EXPECT_EQ(heard.size(), 3U) << "known now";
}

TEST_F(GateWaitingTest, WhoShowsAgainWhoItIsStaysUntilThereIsAnAnswer) {
    late->known.clear();
    const Ref<Principal> renewed(new Principal({}, "tester"));
    renewed->groups = {"new"};
    EXPECT_TRUE(reader->gate().renew(**reader, renewed));
    EXPECT_EQ(waiting(), (Texts{"connect ", "subscribe #"}));
    late->answer(Outcome::deny);
    late->answer(Outcome::deny);
    EXPECT_EQ((*reader)->closed, CloseReason::not_authorized);
}

// ZeroMQ: a connection may be silent for long, and speak when its token counts no more.
TEST_F(GateWaitingTest, WhoVouchedIsAskedAgainBesideTheAuthorizers) {
    late->known.clear();
    const auto vouching = std::make_shared<TestVouching>();
    vouching->later = true;
    vouching->doubt();
    const Ref<Principal> principal(new Principal({}, "tester"));
    principal->vouching = vouching;
    FakeSession newcomer;
    newcomer.set_principal(PrincipalRef(principal));
    bool known = false;
    const auto wait = cluster->gate().when_known(newcomer, Verb::connect, {}, [&] { known = true; });
    EXPECT_EQ(waiting(), Texts{"connect "});
    ++policy->epoch;  // in the middle of it
    cluster->gate().refresh();
    cluster->advance(10ms);
    while (!late->asked.empty()) late->answer(Outcome::allow);
    EXPECT_FALSE(known);
    EXPECT_EQ(vouching->asked, 2) << "all of it anew";
    vouching->waiting(false);
    EXPECT_TRUE(known);
    EXPECT_EQ(cluster->gate().open(newcomer, {}).error(), make_error_code(Errc::denied));
}

class GateWaitingBoundsTest : public GateWaitingTest {
protected:
    static Limits small() {
        Limits limits;
        limits.undecided = 40'000;
        limits.undecided_per_session = 10'000;
        return limits;
    }
    GateWaitingBoundsTest() : GateWaitingTest(small()) {}
};

TEST_F(GateWaitingBoundsTest, NoMoreWaitsThanMay) {
    FakeClient client(*cluster, "one");
    client.publish("a", std::string(30'000, 'x'), qos1, 1);
    EXPECT_EQ(client->settlement(1), nullptr) << "a single large message finds room";
    client.publish("a", "behind", qos1, 2);
    EXPECT_EQ(client->settlement(2)->code, Errc::overloaded) << "but nothing behind it";
    FakeClient other(*cluster, "two");
    other.publish("b", std::string(12'000, 'x'), qos1, 1);
    EXPECT_EQ(other->settlement(1)->code, Errc::overloaded) << "all together";
    EXPECT_EQ(metric("junctor_policy_waiting_refused_total"), 2);
    late->answer(Outcome::allow);
    EXPECT_EQ((*reader)->deliveries.size(), 1U);
    EXPECT_EQ(client->held, 0);
    other.publish("b", "now", qos1, 2);
    late->answer(Outcome::allow);
    EXPECT_EQ((*reader)->payloads().back(), "now");
}

}  // namespace
}  // namespace junctor
