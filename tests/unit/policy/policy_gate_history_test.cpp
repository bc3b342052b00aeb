// Who may see the past, and what durable sessions get of it.

#include <gtest/gtest.h>

#include "policy/policy_gate.hpp"
#include "tests/support/fake_session.hpp"
#include "tests/support/rule_authorizer.hpp"
#include "tests/support/test_cluster.hpp"

namespace junctor {
namespace {

using namespace std::chrono_literals;
using test::FakeSession;
using test::ModelStore;
using test::RuleAuthorizer;
using test::TestCluster;
using From = HistoryStart::From;
using Outcome = Verdict::Outcome;
using Texts = std::vector<std::string>;

HistoryRulesPtr rules() {
    const HistoryBounds bounds{1'000, 1 << 20, 1h};
    return std::make_shared<const HistoryRules>(std::vector<HistoryRule>{{*TopicFilter::parse({}, "a/#"), bounds}});
}

std::shared_ptr<Policy> ruled(RuleAuthorizer::Rule rule) {
    auto policy = std::make_shared<Policy>();
    policy->authorizers.push_back(std::make_shared<RuleAuthorizer>(std::move(rule)));
    return policy;
}

void publish(TestCluster& cluster, FakeSession& from, const std::string& topic, const std::string& payload, Qos qos = Qos::at_least_once) {
    Draft draft;
    draft.topic = *Topic::parse({}, topic);
    draft.payload = as_bytes(payload);
    draft.qos = qos;
    cluster.gate().publish(from, std::move(draft), {});
    cluster.settle();
}

void subscribe(Gate& gate, FakeSession& by, const std::string& filter, HistoryStart start, Token token = Token{1}) {
    SubscribeRequest request{*TopicFilter::parse({}, filter), {}, start};
    request.options.max_qos = Qos::at_least_once;
    gate.subscribe(by, {&request, 1}, token);
}

TEST(PolicyGateHistory, NeedsARightOfItsOwn) {
    TestCluster cluster(1, 1, ruled([](const Principal&, Verb verb, std::string_view) { return verb == Verb::history ? Outcome::deny : Outcome::allow; }),
                        {}, nullptr, {}, rules());
    FakeSession session;
    ASSERT_TRUE(cluster.gate().open(session, {}));
    publish(cluster, session, "a/b", "past");
    subscribe(cluster.gate(), session, "a/b", {From::first, {}});
    cluster.settle();
    EXPECT_EQ(session.settlement(1)->each, std::vector<Errc>{Errc::denied});
    EXPECT_EQ(session.settlement(1)->reason, "the test says so");
    cluster.gate().history(session, {*TopicFilter::parse({}, "a/b"), {}, 10, 1'000}, Token{2});
    cluster.settle();
    ASSERT_EQ(session.pages.size(), 1U);
    EXPECT_EQ(session.pages[0].code, Errc::denied);
    EXPECT_EQ(session.pages[0].reason, "the test says so");
    EXPECT_TRUE(session.pages[0].messages.empty());
    publish(cluster, session, "a/b", "live");
    EXPECT_TRUE(session.deliveries.empty());
    cluster.gate().close(session, CloseReason::normal);
}

TEST(PolicyGateHistory, WhatMayNotBeReceivedNowIsLeftOutAndTheChainGoesOn) {
    const auto revoked = std::make_shared<bool>(false);
    const std::shared_ptr<Policy> policy = ruled([revoked](const Principal&, Verb verb, std::string_view topic) {
        return *revoked && verb == Verb::receive && topic == "a/secret" ? Outcome::deny : Outcome::allow;
    });
    for (std::uint16_t cores = 1; cores <= 2; ++cores) {
        *revoked = false;
        TestCluster cluster(cores, 1, policy, {}, nullptr, {}, rules());
        FakeSession session, reader;
        ASSERT_TRUE(cluster.gate().open(session, {}));
        ASSERT_TRUE(cluster.gate(cores - 1U).open(reader, {}));
        for (const char* topic : {"a/open", "a/secret", "a/open"}) publish(cluster, session, topic, topic);
        *revoked = true;
        ++policy->epoch;
        subscribe(cluster.gate(cores - 1U), reader, "a/#", {From::first, {}});
        cluster.settle();
        EXPECT_EQ(reader.payloads(), (Texts{"a/open", "a/open"}));
        EXPECT_EQ(reader.deliveries.back().envelope->history().offset, 3U);
        cluster.gate(cores - 1U).history(reader, {*TopicFilter::parse({}, "a/#"), {}, 10, 1 << 20}, Token{2});
        cluster.settle();
        EXPECT_EQ(reader.pages.at(0).messages.size(), 2U);
        EXPECT_TRUE(reader.pages.at(0).complete());
        cluster.gate().close(session, CloseReason::normal);
        cluster.gate(cores - 1U).close(reader, CloseReason::normal);
    }
}

TEST(PolicyGateHistory, ADurableSessionKeepsThePastThatItAskedFor) {
    for (std::uint16_t cores = 1; cores <= 3; ++cores) {
        ModelStore store;
        ModelStore::Records records;
        const std::string name = "desk";
        {
            TestCluster cluster(cores, 1, {}, {}, &store, {}, rules());
            cluster.commit();
            FakeSession source;
            ASSERT_TRUE(cluster.gate().open(source, {}));
            for (int i = 0; i < 300; ++i) publish(cluster, source, "a/b", std::to_string(i));
            FakeSession wire(name);
            wire.window = 0;
            Gate& gate = cluster.gate(cluster.home_of(name));
            ASSERT_TRUE(gate.open(wire, {1h, true}));
            gate.ready(wire);
            subscribe(gate, wire, "a/b", {From::first, {}});
            cluster.commit();
            ASSERT_NE(wire.settlement(1), nullptr);
            EXPECT_EQ(wire.settlement(1)->history.front().how, Resumption::exact);
            publish(cluster, source, "a/b", "300");
            cluster.commit();
            records = std::move(store).crash();
        }
        ModelStore again(std::move(records));
        TestCluster cluster(cores, 1, {}, {}, &again, {}, rules());
        cluster.commit();
        FakeSession wire(name);
        Gate& gate = cluster.gate(cluster.home_of(name));
        ASSERT_TRUE(gate.open(wire, {1h, false}));
        gate.ready(wire);
        cluster.commit();
        ASSERT_EQ(wire.deliveries.size(), 301U);
        for (std::size_t i = 0; i < 301; ++i) EXPECT_EQ(wire.deliveries[i].payload, std::to_string(i));
        gate.close(wire, CloseReason::normal);
    }
}

}  // namespace
}  // namespace junctor
