// Histories with a remote backend to which all that is published comes: what it tells of the past, what joins it, and what a crash leaves.

#include <gtest/gtest.h>

#include "tests/support/fake_session.hpp"
#include "tests/support/test_cluster.hpp"

namespace junctor {
namespace {

using namespace std::chrono_literals;
using test::FakeSession;
using test::ModelStore;
using test::TestCluster;
using From = HistoryStart::From;
using Texts = std::vector<std::string>;

struct Remote final : Backend {
    explicit Remote(bool keeps) : history(keeps) {}
    BackendTraits traits() const noexcept override {
        BackendTraits traits;
        traits.max_qos = Qos::at_least_once;
        traits.wildcards = traits.retained = true;
        traits.history = history;
        traits.max_payload = 100;
        return traits;
    }
    void start(BackendSink& its, const BackendPlace&) override { sink = &its; }
    void stop() noexcept override {}
    void publish(const EnvelopePtr&, BackendTicket) noexcept override {}
    void subscribe(const TopicFilter& filter, std::string_view group) noexcept override { sink->subscribed(filter, group, Errc::ok); }
    void unsubscribe(const TopicFilter&, std::string_view) noexcept override {}
    void stored(Token receipt) noexcept override { kept.push_back(receipt.value); }
    void recall() noexcept override { recalled = sink == nullptr; }

    const bool history;
    bool recalled = false;  ///< before the start
    BackendSink* sink = nullptr;
    std::vector<std::uint64_t> kept;
};

HistoryRulesPtr rules(std::vector<const char*> filters = {"a/#", "b/#"}) {
    std::vector<HistoryRule> all;
    for (const char* each : filters) all.push_back({*TopicFilter::parse({}, each), {100'000, 64 << 20, 1h}});
    return std::make_shared<const HistoryRules>(std::move(all));
}

/// A gateway, from its start to its end.
struct GatewayRun {
    explicit GatewayRun(std::uint16_t cores, ModelStore* store = nullptr, HistoryRulesPtr histories = rules(), bool keeps = true) {
        auto owned = std::make_unique<Remote>(keeps);
        remote = owned.get();
        cluster = std::make_unique<TestCluster>(cores, 1, PolicyPtr{}, Limits{}, store, TestCluster::Remote{std::move(owned), "me"}, std::move(histories));
        remote->sink->available(true);
        cluster->commit();
    }

    void arrive(const std::string& topic, const std::string& payload, const std::function<void(Arrival&)>& change = [](Arrival&) {}) {
        Arrival arrival;
        arrival.draft.topic = *Topic::parse({}, topic);
        arrival.draft.payload = as_bytes(payload);
        change(arrival);
        remote->sink->arrived(std::move(arrival));
    }
    void tell(const std::string& topic, const std::string& payload, Duration age = {}) {
        arrive(topic, payload, [age](Arrival& arrival) {
            arrival.past = true;
            arrival.age = age;
        });
    }
    void all_told() {
        remote->sink->past_told();
        cluster->settle();
    }
    HistoryPage page(const std::string& filter, HistoryStart start = {}) {
        cluster->settle();
        FakeSession reader;
        reader.close_through = &cluster->gate();
        EXPECT_TRUE(cluster->gate().open(reader, {}));
        cluster->gate().history(reader, {*TopicFilter::parse({}, filter), start, 1'000, 1 << 20}, Token{1});
        cluster->settle();
        EXPECT_EQ(reader.pages.size(), 1U);
        HistoryPage page = reader.pages.empty() ? HistoryPage() : reader.pages.back();
        cluster->gate().close(reader, CloseReason::normal);
        return page;
    }
    Texts kept(const std::string& filter) {
        Texts texts;
        for (const EnvelopePtr& each : page(filter).messages) texts.emplace_back(as_text(each->payload()));
        return texts;
    }

    Remote* remote = nullptr;
    std::unique_ptr<TestCluster> cluster;
};

class RemoteHistory : public testing::TestWithParam<std::uint16_t> {};

INSTANTIATE_TEST_SUITE_P(Cores, RemoteHistory, testing::Values(1, 2, 4));

TEST_P(RemoteHistory, KeepsWhatComesWhetherAnybodyWantsItOrNot) {
    GatewayRun run(GetParam());
    run.all_told();
    for (const char* each : {"1", "2"}) run.arrive("a/x", each);
    run.arrive("b/x", "other");
    run.arrive("c", "of no rule");
    EXPECT_EQ(run.kept("a/#"), (Texts{"1", "2"}));
    EXPECT_EQ(run.kept("b/x"), Texts{"other"});
    EXPECT_EQ(run.page("c").outcome.how, Resumption::none);
}

TEST_P(RemoteHistory, BeginsWithThePast) {
    GatewayRun run(GetParam());
    EXPECT_TRUE(run.remote->recalled);
    run.tell("a/x", "too old", 2h);
    for (const char* each : {"1", "2"}) run.tell("a/x", each, 10min);
    run.tell("b/x", "other");
    run.tell("$SYS/x", "of no rule");
    run.all_told();
    run.arrive("a/x", "3");
    EXPECT_EQ(run.kept("a/#"), (Texts{"1", "2", "3"}));
    EXPECT_EQ(run.kept("b/#"), Texts{"other"});
    run.tell("a/x", "not in the past any more");
    EXPECT_EQ(run.kept("a/#"), (Texts{"1", "2", "3"}));
    run.cluster->advance(51min);
    EXPECT_EQ(run.kept("a/#"), Texts{"3"}) << "the past is as old as it is";
}

TEST_P(RemoteHistory, ThePastExpiresWhenItWouldHave) {
    GatewayRun run(GetParam());
    for (const Duration age : {5min, 2min})
        run.arrive("a/x", "x", [age](Arrival& arrival) {
            arrival.past = true;
            arrival.age = age;
            arrival.draft.ttl = 3min;
        });
    run.all_told();
    EXPECT_EQ(run.kept("a/x").size(), 1U);
    run.cluster->advance(2min);
    EXPECT_EQ(run.kept("a/x"), Texts{});
}

TEST_P(RemoteHistory, ThePastIsForHistoriesAlone) {
    GatewayRun run(GetParam());
    FakeSession reader;
    reader.close_through = &run.cluster->gate();
    ASSERT_TRUE(run.cluster->gate().open(reader, {}));
    const SubscribeRequest request{*TopicFilter::parse({}, "a/#"), {}};
    run.cluster->gate().subscribe(reader, {&request, 1}, Token{1});
    run.cluster->settle();
    run.arrive("a/x", "past", [](Arrival& arrival) { arrival.past = arrival.draft.retain = true; });
    run.all_told();
    run.arrive("a/x", "told before", [](Arrival& arrival) { arrival.told = true; });
    run.arrive("a/y", "stood", [](Arrival& arrival) { arrival.replayed = arrival.draft.retain = true; });
    run.cluster->settle();
    EXPECT_EQ(reader.payloads(), (Texts{"told before", "stood"}));
    EXPECT_EQ(run.kept("a/#"), Texts{"past"});
    run.cluster->gate().close(reader, CloseReason::normal);
}

TEST_P(RemoteHistory, ALoopIsNotKept) {
    GatewayRun run(GetParam());
    for (const char* hops : {"me,other", "other", "me"})
        run.arrive("a/x", hops, [hops](Arrival& arrival) {
            arrival.past = true;
            arrival.draft.extras = std::make_unique<Extras>();
            arrival.draft.extras->hops = hops;
        });
    run.all_told();
    EXPECT_EQ(run.kept("a/x"), (Texts{"other", "me"}));
}

TEST_P(RemoteHistory, AHoleBeginsThemAnew) {
    GatewayRun run(GetParam());
    run.tell("a/x", "1");
    run.all_told();
    run.arrive("a/x", "2");
    const HistoryPosition seen = run.page("a/#").last;
    run.remote->sink->history_broken();
    run.tell("a/x", "what is left");
    run.all_told();
    run.arrive("a/x", "3");
    EXPECT_EQ(run.kept("a/#"), (Texts{"what is left", "3"}));
    EXPECT_EQ(run.page("a/#", {From::after, seen}).outcome.how, Resumption::gap);
}

TEST_P(RemoteHistory, GoesOnAfterARestart) {
    ModelStore store;
    HistoryPosition seen;
    {
        GatewayRun run(GetParam(), &store);
        run.tell("a/x", "1");
        run.all_told();
        run.arrive("a/x", "2");
        seen = run.page("a/#").last;
        run.arrive("a/x", "3");
        run.cluster->commit();
    }
    ModelStore again(std::move(store).crash());
    GatewayRun run(GetParam(), &again);
    EXPECT_FALSE(run.remote->recalled);
    run.tell("a/x", "does not belong there");
    run.all_told();
    run.arrive("a/x", "4");
    EXPECT_EQ(run.kept("a/#"), (Texts{"1", "2", "3", "4"}));
    const HistoryPage page = run.page("a/#", {From::after, seen});
    EXPECT_EQ(page.outcome.how, Resumption::exact);
    EXPECT_EQ(page.messages.size(), 2U);
}

TEST_P(RemoteHistory, AHistoryThatIsNewBeginsWithThePastBesideOthers) {
    ModelStore store;
    {
        GatewayRun run(GetParam(), &store, rules({"a/#"}));
        run.tell("a/x", "1");
        run.all_told();
        run.cluster->commit();
    }
    ModelStore again(std::move(store).crash());
    GatewayRun run(GetParam(), &again);
    EXPECT_TRUE(run.remote->recalled);
    for (const char* topic : {"a/x", "b/x"}) run.tell(topic, "told now");
    run.all_told();
    EXPECT_EQ(run.kept("a/#"), Texts{"1"});
    EXPECT_EQ(run.kept("b/#"), Texts{"told now"});
}

TEST_P(RemoteHistory, WhoDiesWhileThePastIsToldIsToldItAgain) {
    ModelStore store;
    {
        GatewayRun run(GetParam(), &store);
        run.tell("a/x", "1");
        run.cluster->commit();
    }
    ModelStore again(std::move(store).crash());
    GatewayRun run(GetParam(), &again);
    EXPECT_TRUE(run.remote->recalled);
    for (const char* each : {"1", "2"}) run.tell("a/x", each);
    run.all_told();
    EXPECT_EQ(run.kept("a/#"), (Texts{"1", "2"}));
}

TEST_P(RemoteHistory, WhatIsKeptDurablyIsTold) {
    ModelStore store;
    GatewayRun run(GetParam(), &store);
    run.all_told();
    run.cluster->commit();
    run.arrive("a/x", "1", [](Arrival& arrival) {
        arrival.draft.qos = Qos::at_least_once;
        arrival.receipt = {7};
    });
    run.cluster->settle();
    EXPECT_TRUE(run.remote->kept.empty());
    run.cluster->commit();
    EXPECT_EQ(run.remote->kept, std::vector<std::uint64_t>{7});
}

TEST_P(RemoteHistory, IsNoneWhereNotAllComes) {
    GatewayRun run(GetParam(), nullptr, rules(), false);
    EXPECT_FALSE(run.remote->recalled);
    run.arrive("a/x", "1");
    EXPECT_EQ(run.page("a/#").outcome.how, Resumption::none);
}

TEST_P(RemoteHistory, WhatAReloadBringsBeginsWithWhatComes) {
    GatewayRun run(GetParam());
    run.all_told();
    for (std::size_t core = 0; core < GetParam(); ++core) run.cluster->gate(core).router().keep_histories(rules({"a/#", "new"}));
    run.tell("new", "past");
    run.arrive("new", "1");
    EXPECT_EQ(run.kept("new"), Texts{"1"});
}

}  // namespace
}  // namespace junctor
