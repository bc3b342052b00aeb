// Threat classes 6, 7 and 8: rights that end, end for those who are here, those who sleep, and what they left behind.

#include <gtest/gtest.h>

#include "tests/unit/policy/sleeper.hpp"

namespace junctor {
namespace {

/// A policy that forbids what the test says, from when it says so.
struct Revocable {
    explicit Revocable(std::uint16_t cores = 1)
        : policy(ruled([this](const Principal& who, Verb verb, std::string_view object) {
              return denied(who, verb, object) ? Outcome::deny : Outcome::allow;
          })),
          cluster(cores, 1, policy) {}

    /// Every core hears of it, as after a pushed change.
    void forbid(std::function<bool(const Principal&, Verb, std::string_view)> what) {
        denied = std::move(what);
        ++policy->epoch;
        for (std::size_t core = 0; core < cluster.count(); ++core) cluster.gate(core).refresh();
    }
    void forbid(Verb verb, std::string object = {}, std::string name = "tester") {
        forbid([=](const Principal& who, Verb asked, std::string_view about) {
            return who.name == name && asked == verb && (object.empty() || about == object);
        });
    }

    std::function<bool(const Principal&, Verb, std::string_view)> denied = [](const Principal&, Verb, std::string_view) { return false; };
    std::shared_ptr<Policy> policy;
    TestCluster cluster;
};

TEST(Threat7, ASubscriptionEndsWithinASecondWithoutAReconnect) {
    Revocable it(3);
    FakeClient reader(it.cluster, "", 2);
    for (const char* filter : {"a/#", "b", "$share/g/a/+"}) reader.subscribe(filter);
    FakeClient speaker(it.cluster, "", 0);
    it.cluster.settle();
    it.forbid([](const Principal&, Verb verb, std::string_view object) { return verb == Verb::subscribe && object.starts_with("a/"); });
    it.cluster.advance(1s);
    EXPECT_EQ(it.cluster.gate(2).router().filters_of(*reader), std::vector{*TopicFilter::parse({}, "b")});
    EXPECT_EQ(reader->revoked_filters, (Texts{"$share/g/a/+", "a/#"}));
    EXPECT_FALSE(reader->closed);
    speaker.publish("a/x", "unheard");
    speaker.publish("b", "heard");
    it.cluster.settle();
    EXPECT_EQ(reader->payloads(), Texts{"heard"});
}

TEST(Threat7, WhoMayNotConnectAnyMoreIsSentAway) {
    Revocable it(2);
    FakeClient banned(it.cluster, "", 1);
    FakeClient other(it.cluster, "other", kept, "another");
    it.forbid(Verb::connect);
    it.cluster.advance(1s);
    EXPECT_EQ(banned->closed, CloseReason::not_authorized);
    EXPECT_EQ(banned->closed_text, "the test says so");
    EXPECT_FALSE(other->closed);
}

/// Lets nobody in any more whom it once vouched for.
struct Disowning final : Authenticator {
    std::string_view name() const noexcept override { return "users"; }
    std::unique_ptr<Authentication> begin(const Credentials&, AuthenticationDone) override { return nullptr; }
    bool disowns(const Principal&) const noexcept override { return true; }
};

TEST(Threat7, WhoseCredentialsHaveEndedBeginsNoSession) {
    const auto policy = ruled([](const Principal&, Verb, std::string_view) { return Outcome::allow; });
    policy->authenticators.push_back(std::make_shared<Disowning>());
    TestCluster cluster(1, 1, policy);
    const Ref<Principal> principal(new Principal({}, "tester"));
    principal->vouched_by = "users";
    FakeSession late("late");
    late.set_principal(PrincipalRef(principal));
    EXPECT_EQ(cluster.gate().open(late, {}).error(), make_error_code(Errc::denied)) << "found out before the change, speaks after it";
}

TEST(Threat7, TheSubscriptionOfOneWhoSleepsEndsToo) {
    Revocable it;
    Sleeper sleeper(it.cluster);
    sleeper.connect().subscribe("a/#", qos1);
    sleeper.client->subscribe("b", qos1);
    sleeper.client.reset();
    it.forbid(Verb::subscribe, "a/#");
    it.cluster.advance(1s);
    FakeClient speaker(it.cluster, "", 0);
    speaker.publish("a/x", "unheard", qos1);
    speaker.publish("b", "heard", qos1);
    it.forbid(Verb::history);
    FakeClient& again = sleeper.connect();
    it.cluster.settle();
    EXPECT_TRUE(again.found.resumed);
    EXPECT_EQ(again->payloads(), Texts{"heard"}) << "and it does not come back with the right";
    speaker.publish("a/x", "unheard", qos1);
    EXPECT_EQ(again->payloads(), Texts{"heard"});
}

TEST(Threat7, ARevokedSubscriptionDoesNotComeBackWithARestart) {
    test::ModelStore store;
    auto denied = std::make_shared<bool>(false);
    const auto policy = ruled([denied](const Principal&, Verb verb, std::string_view) {
        return *denied && verb == Verb::subscribe ? Outcome::deny : Outcome::allow;
    });
    {
        TestCluster cluster(1, 1, policy, {}, &store);
        {
            FakeClient sleeper(cluster, "sleeper", kept);
            sleeper.subscribe("a", qos1);
            cluster.commit();
        }
        *denied = true;
        ++policy->epoch;
        cluster.gate().refresh();
        cluster.advance(1s);
        cluster.commit();
    }
    *denied = false;
    test::ModelStore after(std::move(store).crash());
    TestCluster cluster(1, 2, policy, {}, &after);
    FakeClient speaker(cluster, "", 0);
    speaker.publish("a", "x", qos1, 1);
    cluster.commit();
    EXPECT_EQ(speaker->settlement(1)->matches, 0U);
}

TEST(Threat7, WhatWaitsForHimIsJudgedWhenItGoes) {
    Revocable it;
    Sleeper sleeper(it.cluster);
    sleeper.connect().subscribe("a/#", qos2);
    sleeper.client.reset();
    FakeClient speaker(it.cluster, "", 0);
    speaker.publish("a/secret", "kept back", qos2);
    speaker.publish("a/x", "given", qos2);
    it.forbid(Verb::receive, "a/secret");
    it.cluster.advance(1s);
    FakeClient& again = sleeper.connect();
    it.cluster.settle();
    EXPECT_EQ(again->payloads(), Texts{"given"});
}

TEST(Threat7, ASubscribeUnderWayIsJudgedByTheNewRulesToo) {
    Revocable it(3);
    FakeClient reader(it.cluster, "", 0);
    EXPECT_EQ(reader.subscribe("a"), std::nullopt) << "other cores have not confirmed";
    it.forbid(Verb::subscribe, "a");
    it.cluster.pass(1ms);
    it.cluster.settle();
    it.cluster.advance(1s);
    EXPECT_TRUE(it.cluster.gate().router().filters_of(*reader).empty());
}

TEST(Threat7, EverySessionOfManyIsLookedAt) {
    Revocable it;
    std::deque<FakeClient> clients;
    for (int i = 0; i < 5'000; ++i) {
        clients.emplace_back(it.cluster);
        clients.back().subscribe("a");
    }
    it.forbid(Verb::subscribe, "a");
    for (int i = 0; i < 100; ++i) it.cluster.advance(2ms);
    std::size_t left = 0;
    for (FakeClient& each : clients) left += it.cluster.gate().router().filters_of(*each).size();
    EXPECT_EQ(left, 0U);
}

TEST(Threat6, ARetainedValueIsNotReplayedToWhoMayNotReceiveItAnyMore) {
    Revocable it;
    FakeClient speaker(it.cluster, "speaker", kept, "speaker");
    speaker.retain("a", "secret");
    it.forbid(Verb::receive, "a");
    FakeClient reader(it.cluster, "", 0);
    reader.subscribe("a");
    EXPECT_TRUE(reader->payloads().empty());
}

TEST(Threat6, NorIsOneWhosePublisherIsDeniedItNow) {
    Revocable it;
    FakeClient speaker(it.cluster, "speaker", kept, "speaker");
    FakeClient honest(it.cluster, "honest", kept, "honest");
    speaker.retain("a", "planted");
    honest.retain("b", "true");
    it.forbid(Verb::publish, {}, "speaker");
    FakeClient reader(it.cluster, "", 0);
    reader.subscribe("#");
    EXPECT_EQ(reader->payloads(), Texts{"true"});
    std::string seen;
    (void)reader.gate().retained(*reader, *TopicFilter::parse({}, "#"), 10, [&](const EnvelopePtr& each) { seen += as_text(each->payload()); });
    EXPECT_EQ(seen, "true");
}

TEST(Threat8, WhoIsBannedHasNoLastWord) {
    Revocable it;
    FakeClient listener(it.cluster, "listener", kept, "listener");
    listener.subscribe("will");
    FakeClient banned(it.cluster, "banned", fresh, "banned");
    ASSERT_TRUE(banned.set_will("will", "from the grave"));
    FakeClient other(it.cluster, "other", SessionTerms{}, "other");
    ASSERT_TRUE(other.set_will("will", "by right"));
    it.forbid(Verb::connect, {}, "banned");
    it.cluster.advance(1s);
    EXPECT_EQ(banned->closed, CloseReason::not_authorized);
    other.gate().close(*other, CloseReason::connection_lost);
    it.cluster.advance(2h);
    EXPECT_EQ(listener->payloads(), Texts{"by right"});
}

TEST(Renewal, TakesOverGroupsClaimsAndTime) {
    TestCluster cluster(1, 1, ruled([](const Principal& who, Verb verb, std::string_view object) {
                            if (verb != Verb::subscribe || object != "staff") return Outcome::allow;
                            return who.groups.empty() ? Outcome::deny : Outcome::allow;
                        }));
    const auto vouched = [&](std::vector<std::string> groups, Duration time) {
        Ref<Principal> made(new Principal({}, "tester"));
        made->groups = std::move(groups);
        made->expires_at = cluster.clock.wall() + std::chrono::duration_cast<std::chrono::milliseconds>(time);
        return made;
    };
    FakeSession session("name");
    session.set_principal(vouched({"staff"}, 10s));
    session.close_through = &cluster.gate();
    ASSERT_TRUE(cluster.gate().open(session, kept));
    cluster.gate().ready(session);
    const SubscribeRequest request{*TopicFilter::parse({}, "staff"), {}};
    cluster.gate().subscribe(session, {&request, 1}, Token{1});
    ASSERT_EQ(session.settlement(1)->each.at(0), Errc::ok);
    EXPECT_TRUE(cluster.gate().renew(session, vouched({"staff"}, 100s)));
    cluster.advance(50s);
    EXPECT_FALSE(session.closed) << "the new time counts";
    EXPECT_TRUE(cluster.gate().renew(session, vouched({}, 100s)));
    EXPECT_EQ(session.revoked_filters, Texts{"staff"});
    EXPECT_EQ(cluster.gate().renew(session, vouched({}, -1s)).error(), make_error_code(Errc::denied));
    EXPECT_EQ(cluster.gate().renew(session, PrincipalRef(new Principal({}, "another"))).error(), make_error_code(Errc::denied));
    EXPECT_EQ(cluster.gate().renew(session, PrincipalRef(new Principal({7}, "tester"))).error(), make_error_code(Errc::denied));
    EXPECT_EQ(session.principal()->name, "tester");
    cluster.advance(101s);
    EXPECT_EQ(session.closed, CloseReason::not_authorized);
}

}  // namespace
}  // namespace junctor
