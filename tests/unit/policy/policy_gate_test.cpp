#include "policy/policy_gate.hpp"

#include <gtest/gtest.h>

#include "core/routing/routing_metrics.hpp"
#include "policy/authorizers/allow_all.hpp"
#include "tests/support/fake_client.hpp"
#include "tests/support/rule_authorizer.hpp"
#include "tests/support/test_cluster.hpp"

namespace junctor {
namespace {

using namespace std::chrono_literals;
using test::FakeClient;
using test::FakeSession;
using test::RuleAuthorizer;
using test::TestCluster;
using Outcome = Verdict::Outcome;
using Texts = std::vector<std::string>;

struct Ruled {
    explicit Ruled(RuleAuthorizer::Rule rule) : authorizer(std::make_shared<RuleAuthorizer>(std::move(rule))), policy(std::make_shared<Policy>()) {
        policy->authorizers.push_back(authorizer);
    }
    std::shared_ptr<RuleAuthorizer> authorizer;
    std::shared_ptr<Policy> policy;
};

RuleAuthorizer::Rule denying(Verb verb, std::string object = {}) {
    return [=](const Principal&, Verb asked, std::string_view about) {
        return asked == verb && (object.empty() || object == about) ? Outcome::deny : Outcome::allow;
    };
}

std::int64_t denied(TestCluster& cluster, Verb verb) {
    return cluster.total(counter("junctor_denied_total", "What the policy refused, by verb", {{"verb", std::string(to_string(verb))}}));
}

TEST(PolicyGate, DeniesWhereNobodyDecides) {
    TestCluster cluster(1, 1, std::make_shared<Policy>());
    FakeSession session;
    const Result<Opened> opened = cluster.gate().open(session, {});
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error(), make_error_code(Errc::denied));
    EXPECT_EQ(cluster.core().sessions().size(), 0u);
    EXPECT_EQ(denied(cluster, Verb::connect), 1);
}

// A core whose own clients are silent hears of the change only by what others send to it.
TEST(PolicyGate, ARevocationHoldsOnCoresThatOnlyListen) {
    const auto revoked = std::make_shared<bool>(false);
    Ruled ruled([revoked](const Principal&, Verb verb, std::string_view) {
        return *revoked && verb == Verb::receive ? Outcome::deny : Outcome::allow;
    });
    TestCluster cluster(2, 1, ruled.policy);
    FakeClient listener(cluster, "", 1);
    listener.subscribe("a");
    cluster.settle();
    FakeClient publisher(cluster, "", 0);
    publisher.publish("a", "before");
    cluster.settle();
    *revoked = true;
    ++ruled.policy->epoch;
    publisher.publish("a", "after");
    cluster.settle();
    EXPECT_EQ(listener->payloads(), Texts{"before"});
}

TEST(PolicyGate, TellsAPublisherWhyItWasDenied) {
    Ruled ruled(denying(Verb::publish, "secret"));
    TestCluster cluster(1, 1, ruled.policy);
    FakeClient reader(cluster);
    reader.subscribe("#");
    reader.publish("secret", "x", Qos::at_least_once, 4);
    EXPECT_EQ(reader->settlement(4)->code, Errc::denied);
    EXPECT_EQ(reader->settlement(4)->reason, "the test says so");
    reader.publish("secret", "x");
    EXPECT_EQ(reader->settlements.size(), 2u) << "nobody asked about the second";
    EXPECT_TRUE(reader->deliveries.empty());
    EXPECT_EQ(denied(cluster, Verb::publish), 2);
}

TEST(PolicyGate, RemembersWhatItAllowedUntilTheRulesChange) {
    bool open = true;
    Ruled ruled([&](const Principal&, Verb verb, std::string_view) { return verb != Verb::publish || open ? Outcome::allow : Outcome::deny; });
    TestCluster cluster(1, 1, ruled.policy);
    FakeClient client(cluster);
    client.publish("a", "x");
    const int asked = ruled.authorizer->asked;
    for (int i = 0; i < 100; ++i) client.publish("a", "x", Qos::at_least_once, 1);
    EXPECT_EQ(ruled.authorizer->asked, asked);
    open = false;
    ruled.policy->epoch.fetch_add(1);
    client.publish("a", "x", Qos::at_least_once, 2);
    EXPECT_EQ(client->settlement(2)->code, Errc::denied);
}

TEST(PolicyGate, JudgesWhatEachMayReceive) {
    bool open = false;
    Ruled ruled([&](const Principal&, Verb verb, std::string_view object) {
        return verb == Verb::receive && object == "a/secret" && !open ? Outcome::deny : Outcome::allow;
    });
    TestCluster cluster(1, 1, ruled.policy);
    FakeClient client(cluster);
    client.retain("a/secret", "retained");
    client.retain("a/public", "retained");
    client.subscribe("a/#");
    client.publish("a/secret", "live");
    client.publish("a/public", "live");
    EXPECT_EQ(client->payloads(), (Texts{"retained", "live"}));
    open = true;
    ruled.policy->epoch.fetch_add(1);
    client.publish("a/secret", "now");
    EXPECT_EQ(client->payloads().back(), "now");
}

TEST(PolicyGate, AnswersEachFilterOnItsOwn) {
    Ruled ruled(denying(Verb::subscribe, "b"));
    TestCluster cluster(1, 1, ruled.policy);
    FakeClient client(cluster);
    const std::vector<SubscribeRequest> requests{{*TopicFilter::parse({}, "a"), {}}, {*TopicFilter::parse({}, "b"), {}}, {*TopicFilter::parse({}, "c"), {}}};
    client.gate().subscribe(*client, requests, Token{1});
    EXPECT_EQ(client->settlement(1)->each, (std::vector<Errc>{Errc::ok, Errc::denied, Errc::ok}));
    EXPECT_EQ(denied(cluster, Verb::subscribe), 1);
}

TEST(PolicyGate, KeepsReservedTopicsForTheGateway) {
    TestCluster cluster;
    FakeClient client(cluster, "me");
    FakeClient other(cluster, "other");
    for (const char* topic : {"$SYS/sessions/x/y/connected", "$CONTROL/x", "$x", "$"}) {
        client.publish(topic, "x", Qos::at_least_once, 1);
        EXPECT_EQ(client->settlement(1)->code, Errc::denied) << topic;
    }
    EXPECT_EQ(denied(cluster, Verb::publish), 4);
    EXPECT_EQ(client.subscribe("$to/other"), Errc::denied);
    EXPECT_EQ(client.subscribe("$inbox/#"), Errc::denied);
    EXPECT_EQ(client.subscribe("$to/me"), Errc::ok);
    client.retain("$to/other", "not kept");
    EXPECT_EQ(other->payloads(), Texts{"not kept"});
    EXPECT_EQ(cluster.gate().router().retained_store().size(), 0u);
}

TEST(PolicyGate, JudgesReplyAddressesAsSubscribes) {
    Ruled ruled(denying(Verb::subscribe, "theirs"));
    TestCluster cluster(1, 1, ruled.policy);
    FakeClient client(cluster, "me");
    const auto code = [&](const std::string& reply_to) {
        Draft draft = client.draft("service", "ping");
        draft.extras = std::make_unique<Extras>();
        draft.extras->reply_to = reply_to;
        client.gate().publish(*client, std::move(draft), Token{1});
        return client->settlement(1)->code;
    };
    EXPECT_EQ(code("mine"), Errc::ok);
    EXPECT_EQ(code("$to/me"), Errc::ok);
    EXPECT_EQ(code("theirs"), Errc::denied);
    EXPECT_EQ(code("a/#"), Errc::bad_topic);
    EXPECT_EQ(code("$SYS/x"), Errc::denied);
}

TEST(PolicyGate, TakesOverANamedSessionOfTheSamePrincipalOnly) {
    TestCluster cluster;
    FakeClient first(cluster, "robot");
    first->close_through = &first.gate();
    FakeClient second(cluster, "robot");
    EXPECT_TRUE(second.opened);
    EXPECT_EQ(first->closed, CloseReason::taken_over);
    EXPECT_EQ(cluster.core().sessions().find({}, "robot"), &*second);
    FakeSession thief("robot", "somebody else");
    EXPECT_FALSE(cluster.gate().open(thief, {}));
    EXPECT_EQ(cluster.core().sessions().find({}, "robot"), &*second);
    EXPECT_EQ(cluster.core().sessions().size(), 1u);
}

TEST(PolicyGate, TakesOverFromASessionThatSaysGoodbyeLater) {
    TestCluster cluster;
    FakeClient first(cluster, "robot");
    first.subscribe("a");
    FakeClient second(cluster, "robot");
    EXPECT_EQ(cluster.core().sessions().find({}, "robot"), &*second);
    first.close();
    EXPECT_EQ(cluster.core().sessions().find({}, "robot"), &*second);
    second.publish("a", "x");
    EXPECT_TRUE(first->deliveries.empty());
}

TEST(PolicyGate, BoundsTheSubscriptionsOfASession) {
    Limits limits;
    limits.subscriptions_per_session = 3;
    TestCluster cluster(2, 1, {}, limits);
    FakeClient client(cluster);
    for (const char* filter : {"a", "b", "c", "d"}) client.subscribe(filter);
    cluster.settle();
    EXPECT_EQ(client->settlements.back().each[0], Errc::quota_exceeded);
    EXPECT_EQ(client.subscribe("a"), Errc::ok) << "one that it holds";
    EXPECT_EQ(client.subscribe("e"), Errc::quota_exceeded);
    client.unsubscribe("b");
    client.subscribe("e");
    cluster.settle();
    EXPECT_EQ(client->settlements.back().each[0], Errc::ok);
}

TEST(PolicyGate, CountsVeryLongFiltersAsMany) {
    Limits limits;
    limits.subscriptions_per_session = 200;
    TestCluster cluster(1, 1, {}, limits);
    FakeClient client(cluster);
    EXPECT_EQ(client.subscribe(std::string(65'535, 'a')), Errc::ok);
    EXPECT_EQ(client.subscribe(std::string(65'535, 'b')), Errc::ok);
    EXPECT_EQ(client.subscribe("short"), Errc::quota_exceeded);
    client.unsubscribe(std::string(65'535, 'a'));
    EXPECT_EQ(client.subscribe("short"), Errc::ok);
}

TEST(PolicyGate, LetsNobodyInWhileItDrains) {
    TestCluster cluster;
    FakeClient client(cluster);
    client.subscribe("a");
    cluster.gate().drain();
    FakeSession late;
    EXPECT_EQ(cluster.gate().open(late, {}).error(), make_error_code(Errc::shutting_down));
    EXPECT_EQ(client.subscribe("b"), Errc::shutting_down);
    client.request("a", "x", 1s, 5);
    EXPECT_EQ(client->settlement(5)->code, Errc::shutting_down);
    client.publish("a", "what is under way still arrives");
    EXPECT_EQ(client->deliveries.size(), 1u);
}

TEST(PolicyGate, DeniesWhatAnAuthorizerDoesNotAnswer) {
    Ruled ruled([](const Principal&, Verb, std::string_view) { return Outcome::allow; });
    TestCluster cluster(1, 1, ruled.policy);
    FakeClient client(cluster);
    ruled.authorizer->slow = true;
    client.publish("a", "x", Qos::at_least_once, 1);
    EXPECT_EQ(client->settlement(1)->code, Errc::ok) << "asked, and answered at once";
    ruled.authorizer->never_answers = true;
    client.publish("b", "x", Qos::at_least_once, 2);
    EXPECT_EQ(client->settlement(2)->code, Errc::denied);
    ruled.authorizer->kept({Outcome::allow, {}, {}});
}

TEST(PolicyGate, WhatIsAddressedToASessionIsItsSendersRight) {
    Ruled ruled(denying(Verb::receive));
    TestCluster cluster(1, 1, ruled.policy);
    FakeClient receiver(cluster, "receiver");
    FakeClient sender(cluster);
    sender.send("$to/receiver", "x", 1);
    EXPECT_EQ(sender->settlement(1)->code, Errc::ok);
    EXPECT_EQ(receiver->payloads(), Texts{"x"});
}

TEST(PolicyGate, AsksTheNextAuthorizerAfterAnAbstention) {
    Ruled ruled([](const Principal&, Verb, std::string_view) { return Outcome::abstain; });
    ruled.policy->authorizers.push_back(std::make_shared<AllowAll>());
    TestCluster cluster(1, 1, ruled.policy);
    FakeClient client(cluster);
    EXPECT_TRUE(client.opened);
    EXPECT_GT(ruled.authorizer->asked, 0);
}

TEST(PolicyGate, HandsOutRetainedValues) {
    Ruled ruled(denying(Verb::receive, "a/2"));
    TestCluster cluster(1, 1, ruled.policy);
    FakeClient client(cluster);
    for (int i = 0; i < 5; ++i) client.retain("a/" + std::to_string(i), std::to_string(i));
    std::string seen;
    const auto keep = [&](const EnvelopePtr& each) { seen += as_text(each->payload()); };
    EXPECT_EQ(*client.gate().retained(*client, *TopicFilter::parse({}, "a/+"), 100, keep), 4u);
    EXPECT_EQ(seen, "0134");
    EXPECT_EQ(*client.gate().retained(*client, *TopicFilter::parse({}, "a/+"), 2, keep), 2u);
}

TEST(PolicyGate, BoundsWhatIsRetained) {
    Limits limits;
    limits.retained = 900;
    TestCluster cluster(1, 1, {}, limits);
    FakeClient client(cluster);
    const std::string payload(400, 'x');
    for (const char* topic : {"a", "b", "c", "d"}) client.retain(topic, payload);
    EXPECT_EQ(cluster.gate().router().retained_store().size(), 2u);
    client.publish("c", payload, Qos::at_least_once, 1);
    EXPECT_EQ(client->settlement(1)->code, Errc::ok) << "without retain it goes on";
    client.retain("a", "");
    client.retain("c", payload);
    EXPECT_EQ(cluster.gate().router().retained_store().size(), 2u);
}

TEST(PolicyGate, DoesNotTellASessionOfItsOwnEnd) {
    TestCluster cluster;
    FakeClient watcher(cluster);
    watcher.subscribe("$SYS/#");
    watcher.close();
    EXPECT_TRUE(watcher->deliveries.empty());
}

TEST(PolicyGate, SaysWhatASessionNoLongerWants) {
    TestCluster cluster;
    FakeClient client(cluster, "a");
    client.subscribe("x/#");
    FakeClient watcher(cluster);
    watcher.subscribe("$SYS/sessions/fake/a/unsubscribed");
    const std::vector<TopicFilter> filters{*TopicFilter::parse({}, "x/#"), *TopicFilter::parse({}, "y")};
    client.gate().unsubscribe(*client, filters, Token{});
    EXPECT_EQ(watcher->payloads(), Texts{R"({"session":"a","protocol":"fake","principal":"tester","filters":["x/#","y"]})"});
}

TEST(PolicyGate, ARefusedSubscriberHearsWhy) {
    Ruled ruled(denying(Verb::subscribe, "b"));
    TestCluster cluster(1, 1, ruled.policy);
    FakeClient client(cluster);
    const std::vector<SubscribeRequest> requests{{*TopicFilter::parse({}, "b"), {}}};
    client.gate().subscribe(*client, requests, Token{1});
    EXPECT_EQ(client->settlement(1)->each, std::vector<Errc>{Errc::denied});
    EXPECT_EQ(client->settlement(1)->reason, "the test says so");
    client.gate().subscribe(*client, requests, Token{});
    EXPECT_EQ(client->settlements.size(), 1U) << "nobody asked about the second";
}

TEST(PolicyGate, AMixedSubscribeHearsWhyOfEachRefusedFilter) {
    Ruled ruled([](const Principal&, Verb verb, std::string_view about) {
        return verb == Verb::subscribe && about.starts_with("no") ? Outcome::deny : Outcome::allow;
    });
    TestCluster cluster(2, 1, ruled.policy);
    FakeClient client(cluster, "", 1);
    std::vector<SubscribeRequest> requests;
    for (const char* filter : {"a", "no/#", "b", "no"}) requests.push_back({*TopicFilter::parse({}, filter), {}});
    client.gate().subscribe(*client, requests, Token{1});
    EXPECT_EQ(client->settlement(1), nullptr) << "the other core has not confirmed yet";
    cluster.settle();
    ASSERT_NE(client->settlement(1), nullptr);
    EXPECT_EQ(client->settlement(1)->each, (std::vector<Errc>{Errc::ok, Errc::denied, Errc::ok, Errc::denied}));
    EXPECT_EQ(client->settlement(1)->reason, "no/#: the test says so; no: the test says so");
}

TEST(PolicyGate, ReasonsForManyFiltersStayShort) {
    Ruled ruled(denying(Verb::subscribe));
    TestCluster cluster(1, 1, ruled.policy);
    FakeClient client(cluster);
    const std::vector<SubscribeRequest> requests(1'000, {*TopicFilter::parse({}, "a/b/c"), {}});
    client.gate().subscribe(*client, requests, Token{1});
    EXPECT_LT(client->settlement(1)->reason.size(), 1'100U);
    EXPECT_TRUE(client->settlement(1)->reason.ends_with("; ..."));
}

TEST(PolicyGate, SaysWhoComesGoesAndSubscribes) {
    TestCluster cluster;
    FakeClient watcher(cluster);
    watcher.subscribe("$SYS/sessions/#");
    {
        FakeClient client(cluster, "a\"/b");
        client.subscribe("x/#");
    }
    ASSERT_EQ(watcher->deliveries.size(), 3u);
    EXPECT_EQ(watcher->deliveries[0].topic, "$SYS/sessions/fake/a%22%2Fb/connected");
    EXPECT_EQ(watcher->deliveries[0].payload, R"({"session":"a\"/b","protocol":"fake","principal":"tester"})");
    EXPECT_EQ(watcher->deliveries[1].payload, R"({"session":"a\"/b","protocol":"fake","principal":"tester","filters":["x/#"]})");
    EXPECT_EQ(watcher->deliveries[2].topic, "$SYS/sessions/fake/a%22%2Fb/disconnected");
    EXPECT_EQ(watcher->deliveries[2].payload, R"({"session":"a\"/b","protocol":"fake","principal":"tester","reason":"normal"})");
    EXPECT_EQ(watcher->deliveries[0].envelope->kind(), Kind::event);
}

TEST(PolicyGate, ShowsEventsOnlyToThoseWhoMaySeePresence) {
    Ruled ruled(denying(Verb::presence));
    TestCluster cluster(1, 1, ruled.policy);
    FakeClient watcher(cluster);
    watcher.subscribe("$SYS/#");
    FakeClient client(cluster);
    EXPECT_TRUE(watcher->deliveries.empty());
}

TEST(PolicyGate, LogsASampleOfMessages) {
    Ruled ruled(denying(Verb::publish, "secret"));
    TestCluster cluster(1, 1, ruled.policy);
    FakeClient client(cluster, "me");
    Texts lines;
    const auto sink = [&](const MessageLog::Entry& entry) {
        lines.push_back(std::string(entry.session) + " " + std::string(entry.topic) + " " + std::to_string(entry.bytes) + " " + std::string(to_string(entry.outcome)));
    };
    client.publish("a", "before");
    cluster.gate().message_log().sample(1, sink);
    client.publish("a", "xyz");
    client.publish("secret", "x");
    EXPECT_EQ(lines, (Texts{"me a 3 ok", "me secret 1 denied"}));
    cluster.gate().message_log().sample(10, sink);
    for (int i = 0; i < 100; ++i) client.publish("a", "xyz");
    EXPECT_EQ(lines.size(), 12u);
    cluster.gate().message_log().sample(0);
    client.publish("a", "xyz");
    EXPECT_EQ(lines.size(), 12u);
}

}  // namespace
}  // namespace junctor
