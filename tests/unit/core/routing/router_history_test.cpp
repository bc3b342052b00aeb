// What the histories of a gateway promise, on one and on several cores: exact resumption whatever is under way.

#include <gtest/gtest.h>

#include <map>

#include "core/routing/router.hpp"
#include "tests/support/fake_session.hpp"
#include "tests/support/test_cluster.hpp"

namespace junctor {
namespace {

using namespace std::chrono_literals;
using test::FakeSession;
using test::SeededRandom;
using test::TestCluster;
using From = HistoryStart::From;
using Texts = std::vector<std::string>;

HistoryRulesPtr rules(HistoryBounds bounds = {100'000, 64 << 20, 1h}, const char* filter = "a/#") {
    return std::make_shared<const HistoryRules>(std::vector<HistoryRule>{{*TopicFilter::parse({}, filter), bounds}});
}

/// A session on one core of the cluster.
struct Someone {
    Someone(TestCluster& its_cluster, std::size_t core) : cluster(its_cluster), gate(its_cluster.gate(core)) {
        session.close_through = &gate;
        EXPECT_TRUE(gate.open(session, {}));
    }
    ~Someone() {
        if (session.id() && !session.closed) gate.close(session, CloseReason::normal);
    }

    void publish(const std::string& topic, const std::string& payload, Qos qos = Qos::at_most_once, Token token = {}) {
        Draft draft;
        draft.topic = *Topic::parse({}, topic);
        draft.payload = as_bytes(payload);
        draft.qos = qos;
        gate.publish(session, std::move(draft), token);
    }
    void subscribe(const std::string& filter, std::optional<HistoryStart> start, Token token = Token{1}) {
        SubscribeRequest request{*TopicFilter::parse({}, filter), {}};
        request.options.max_qos = Qos::exactly_once;
        request.start = start;
        gate.subscribe(session, {&request, 1}, token);
    }
    const HistoryOutcome& outcome(std::uint64_t token = 1) const { return session.settlement(token)->history.front(); }
    HistoryPosition last_seen() const { return session.deliveries.back().envelope->history(); }

    TestCluster& cluster;
    Gate& gate;
    FakeSession session;
};

class RouterHistory : public testing::TestWithParam<std::uint16_t> {
protected:
    TestCluster cluster{GetParam(), 1, {}, {}, nullptr, {}, rules()};
    std::size_t far() const { return GetParam() - 1U; }
};

INSTANTIATE_TEST_SUITE_P(Cores, RouterHistory, testing::Values(1, 2, 4));

TEST_P(RouterHistory, MessagesHaveTheirPlaceWhenTheyAreDelivered) {
    Someone publisher(cluster, 0), reader(cluster, far());
    reader.subscribe("a/#", {});
    cluster.settle();
    for (const char* payload : {"one", "two", "three"}) publisher.publish("a/b", payload);
    publisher.publish("b", "kept by nobody");
    cluster.settle();
    EXPECT_EQ(reader.session.payloads(), (Texts{"one", "two", "three"}));
    const std::uint64_t epoch = reader.last_seen().epoch;
    for (std::uint64_t i = 0; i < 3; ++i) EXPECT_EQ(reader.session.deliveries[i].envelope->history(), (HistoryPosition{epoch, i + 1}));
}

TEST_P(RouterHistory, BeginsWithTheFirst) {
    Someone publisher(cluster, 0), reader(cluster, far());
    for (const char* payload : {"one", "two"}) publisher.publish("a/b", payload);
    cluster.settle();
    reader.subscribe("a/+", HistoryStart{From::first, {}});
    cluster.settle();
    EXPECT_EQ(reader.outcome().how, Resumption::exact);
    EXPECT_EQ(reader.outcome().after.offset, 0U);
    publisher.publish("a/c", "three");
    cluster.settle();
    EXPECT_EQ(reader.session.payloads(), (Texts{"one", "two", "three"}));
}

TEST_P(RouterHistory, BeginsNowAndSaysWhereThatIs) {
    Someone publisher(cluster, 0), reader(cluster, far());
    publisher.publish("a/b", "one");
    cluster.settle();
    reader.subscribe("a/b", HistoryStart{From::now, {}});
    cluster.settle();
    EXPECT_EQ(reader.outcome().after.offset, 1U);
    publisher.publish("a/b", "two");
    cluster.settle();
    EXPECT_EQ(reader.session.payloads(), (Texts{"two"}));
}

TEST_P(RouterHistory, TellsThatAPartIsGoneBeforeItGoesOn) {
    TestCluster small(GetParam(), 1, {}, {}, nullptr, {}, rules({2, 1 << 20, 1h}));
    Someone publisher(small, 0), reader(small, far());
    reader.session.on_settled = [&](Token, const Receipt&) { EXPECT_TRUE(reader.session.deliveries.empty()); };
    for (const char* payload : {"one", "two", "three", "four"}) publisher.publish("a/b", payload);
    small.settle();
    Someone observer(small, 0);
    observer.subscribe("a/b", HistoryStart{From::first, {}});
    small.settle();
    const std::uint64_t epoch = observer.last_seen().epoch;
    reader.subscribe("a/b", HistoryStart{From::after, {epoch, 1}});
    small.settle();
    EXPECT_EQ(reader.outcome(), (HistoryOutcome{Resumption::gap, {epoch, 2}}));
    EXPECT_EQ(reader.session.payloads(), (Texts{"three", "four"}));
}

TEST_P(RouterHistory, AnotherEpochIsAGap) {
    Someone publisher(cluster, 0), reader(cluster, far());
    publisher.publish("a/b", "one");
    cluster.settle();
    reader.subscribe("a/b", HistoryStart{From::after, {12'345, 1}});
    cluster.settle();
    EXPECT_EQ(reader.outcome().how, Resumption::gap);
    EXPECT_EQ(reader.session.payloads(), (Texts{"one"}));
}

TEST_P(RouterHistory, WithoutAHistoryTheSubscriptionIsLiveAndSaysSo) {
    Someone publisher(cluster, 0), reader(cluster, far());
    reader.subscribe("b", HistoryStart{From::first, {}});
    cluster.settle();
    EXPECT_EQ(reader.outcome().how, Resumption::none);
    publisher.publish("b", "live");
    cluster.settle();
    EXPECT_EQ(reader.session.payloads(), (Texts{"live"}));
}

TEST_P(RouterHistory, AGroupHasNoPastToShare) {
    Someone publisher(cluster, 0), reader(cluster, far());
    publisher.publish("a/b", "past");
    cluster.settle();
    reader.subscribe("$share/g/a/b", HistoryStart{From::first, {}});
    cluster.settle();
    EXPECT_EQ(reader.outcome().how, Resumption::none);
    publisher.publish("a/b", "live");
    cluster.settle();
    EXPECT_EQ(reader.session.payloads(), (Texts{"live"}));
}

TEST_P(RouterHistory, SeveralFiltersOfOneSubscribeBeginEachForItself) {
    Someone publisher(cluster, 0), reader(cluster, far());
    for (const char* topic : {"a/1", "a/2", "b"}) publisher.publish(topic, topic);
    cluster.settle();
    std::vector<SubscribeRequest> requests;
    for (const char* filter : {"a/1", "b", "a/2"}) requests.push_back({*TopicFilter::parse({}, filter), {}, HistoryStart{From::first, {}}});
    reader.gate.subscribe(reader.session, requests, Token{1});
    cluster.settle();
    const std::vector<HistoryOutcome>& outcomes = reader.session.settlement(1)->history;
    ASSERT_EQ(outcomes.size(), 3U);
    EXPECT_EQ(outcomes[0].how, Resumption::exact);
    EXPECT_EQ(outcomes[1].how, Resumption::none);
    EXPECT_EQ(outcomes[2].how, Resumption::exact);
    for (const char* topic : {"a/1", "a/2", "b"}) publisher.publish(topic, "live");
    cluster.settle();
    EXPECT_EQ(reader.session.payloads(), (Texts{"a/1", "a/2", "live", "live", "live"}));
}

TEST_P(RouterHistory, HandsOverPageByPageAsFastAsTheSessionTakesIt) {
    Someone publisher(cluster, 0), reader(cluster, far());
    constexpr std::size_t count = 3 * HistoryReplays::page_messages + 10;
    for (std::size_t i = 0; i < count; ++i) publisher.publish("a/b", std::to_string(i));
    cluster.settle();
    reader.session.window = 0;
    reader.subscribe("a/b", HistoryStart{From::first, {}});
    cluster.settle();
    EXPECT_EQ(reader.session.deliveries.size(), std::size_t{HistoryReplays::page_messages}) << "no more than one page waits in it";
    publisher.publish("a/b", "live");
    cluster.settle();
    EXPECT_EQ(reader.session.deliveries.size(), std::size_t{HistoryReplays::page_messages});
    reader.session.window = SIZE_MAX;
    reader.gate.ready(reader.session);
    cluster.settle();
    ASSERT_EQ(reader.session.deliveries.size(), count + 1);
    for (std::size_t i = 0; i < count; ++i) EXPECT_EQ(reader.session.deliveries[i].payload, std::to_string(i));
    EXPECT_EQ(reader.session.deliveries.back().payload, "live");
}

TEST_P(RouterHistory, WhoIsOvertakenByTheBoundsIsClosed) {
    TestCluster small(GetParam(), 1, {}, {}, nullptr, {}, rules({300, 1 << 20, 1h}));
    Someone publisher(small, 0), reader(small, far());
    for (int i = 0; i < 300; ++i) publisher.publish("a/b", "x");
    small.settle();
    reader.session.window = 0;
    reader.subscribe("a/b", HistoryStart{From::first, {}});
    small.settle();
    for (int i = 0; i < 300; ++i) publisher.publish("a/b", "y");
    small.settle();
    reader.session.window = SIZE_MAX;
    reader.gate.ready(reader.session);
    small.settle();
    EXPECT_EQ(reader.session.closed, CloseReason::slow_consumer);
    EXPECT_EQ(reader.session.deliveries.size(), std::size_t{HistoryReplays::page_messages});
}

TEST_P(RouterHistory, LeavesWhileItIsHandedOver) {
    Someone publisher(cluster, 0);
    for (int i = 0; i < 300; ++i) publisher.publish("a/b", "x");
    cluster.settle();
    {
        Someone reader(cluster, far());
        reader.session.window = 0;
        reader.subscribe("a/b", HistoryStart{From::first, {}});
        cluster.settle();
    }
    Someone unsubscriber(cluster, far());
    unsubscriber.session.window = 0;
    unsubscriber.subscribe("a/b", HistoryStart{From::first, {}});
    cluster.settle();
    const TopicFilter filter = *TopicFilter::parse({}, "a/b");
    unsubscriber.gate.unsubscribe(unsubscriber.session, {&filter, 1}, Token{2});
    cluster.settle();
    EXPECT_EQ(unsubscriber.session.settlement(2)->each.front(), Errc::ok);
    const std::size_t before = unsubscriber.session.deliveries.size();
    unsubscriber.session.window = SIZE_MAX;
    unsubscriber.gate.ready(unsubscriber.session);
    publisher.publish("a/b", "y", Qos::at_least_once, Token{3});
    cluster.settle();
    EXPECT_EQ(unsubscriber.session.deliveries.size(), before);
    EXPECT_EQ(publisher.session.settlement(3)->matches, 0U) << "nobody's interest is left behind";
}

TEST_P(RouterHistory, BeginsAnewWhereTheSessionHasTheFilterAlready) {
    Someone publisher(cluster, 0), reader(cluster, far());
    reader.subscribe("a/b", {});
    cluster.settle();
    publisher.publish("a/b", "one");
    cluster.settle();
    reader.subscribe("a/b", HistoryStart{From::first, {}}, Token{2});
    publisher.publish("a/b", "two");
    cluster.settle();
    publisher.publish("a/b", "three");
    cluster.settle();
    ASSERT_GE(reader.session.deliveries.size(), 4U);
    const Texts all = reader.session.payloads();
    EXPECT_EQ(Texts(all.end() - 3, all.end()), (Texts{"one", "two", "three"}));
}

TEST_P(RouterHistory, APublisherHearsWhenTheHomeHasSeenToIt) {
    Someone publisher(cluster, 0), reader(cluster, far());
    publisher.publish("a/b", "nobody", Qos::at_least_once, Token{1});
    cluster.settle();
    EXPECT_EQ(publisher.session.settlement(1)->matches, 0U);
    reader.subscribe("a/b", {});
    cluster.settle();
    publisher.publish("a/b", "somebody", Qos::at_least_once, Token{2});
    cluster.settle();
    EXPECT_EQ(publisher.session.settlement(2)->code, Errc::ok);
    EXPECT_EQ(publisher.session.settlement(2)->matches, 1U);
}

TEST_P(RouterHistory, RetainedValuesGoTheSameWay) {
    Someone publisher(cluster, 0), reader(cluster, far());
    Draft draft;
    draft.topic = *Topic::parse({}, "a/b");
    draft.payload = as_bytes("value");
    draft.retain = true;
    publisher.gate.publish(publisher.session, std::move(draft), {});
    cluster.settle();
    reader.subscribe("a/b", {});
    cluster.settle();
    ASSERT_EQ(reader.session.payloads(), (Texts{"value"}));
    EXPECT_TRUE(reader.session.deliveries.front().retain);
    Someone late(cluster, 0);
    late.subscribe("a/b", HistoryStart{From::first, {}});
    cluster.settle();
    EXPECT_EQ(late.session.payloads(), (Texts{"value"})) << "not twice";
    EXPECT_FALSE(late.session.deliveries.front().retain);
}

TEST_P(RouterHistory, ReadsWithoutSubscribing) {
    Someone publisher(cluster, 0), reader(cluster, far());
    for (int i = 0; i < 5; ++i) publisher.publish(i % 2 == 0 ? "a/even" : "a/odd", std::to_string(i));
    cluster.settle();
    reader.gate.history(reader.session, {*TopicFilter::parse({}, "a/even"), {}, 2, 1 << 20}, Token{1});
    cluster.settle();
    ASSERT_EQ(reader.session.pages.size(), 1U);
    const HistoryPage first = reader.session.pages.front();
    ASSERT_EQ(first.messages.size(), 2U);
    EXPECT_EQ(as_text(first.messages[1]->payload()), "2");
    EXPECT_EQ(first.next.offset, 3U);
    EXPECT_FALSE(first.complete());
    reader.gate.history(reader.session, {*TopicFilter::parse({}, "a/even"), {From::after, first.next}, 2, 1 << 20}, Token{2});
    cluster.settle();
    const HistoryPage second = reader.session.pages.back();
    ASSERT_EQ(second.messages.size(), 1U);
    EXPECT_TRUE(second.complete());
    EXPECT_EQ(second.outcome.how, Resumption::exact);
}

TEST_P(RouterHistory, LetsGoOfWhatIsTooOld) {
    Someone publisher(cluster, 0), reader(cluster, far());
    publisher.publish("a/b", "old");
    cluster.settle();
    cluster.advance(2h);
    publisher.publish("a/b", "new");
    cluster.settle();
    reader.subscribe("a/b", HistoryStart{From::first, {}});
    cluster.settle();
    EXPECT_EQ(reader.session.payloads(), (Texts{"new"}));
    EXPECT_EQ(reader.outcome().after.offset, 1U);
    EXPECT_EQ(cluster.total(gauge("junctor_history_messages", "")), 1);
}

TEST_P(RouterHistory, OtherRulesKeepWhatStaysUnderItsFilter) {
    Someone publisher(cluster, 0), reader(cluster, far());
    for (const char* payload : {"one", "two", "three"}) publisher.publish("a/b", payload);
    cluster.settle();
    for (std::size_t core = 0; core < GetParam(); ++core) cluster.gate(core).router().keep_histories(rules({2, 1 << 20, 1h}));
    reader.subscribe("a/b", HistoryStart{From::first, {}});
    cluster.settle();
    EXPECT_EQ(reader.session.payloads(), (Texts{"two", "three"}));
    for (std::size_t core = 0; core < GetParam(); ++core) cluster.gate(core).router().keep_histories(rules({9, 1 << 20, 1h}, "b"));
    Someone late(cluster, 0);
    late.subscribe("a/b", HistoryStart{From::first, {}});
    cluster.settle();
    EXPECT_EQ(late.outcome().how, Resumption::none);
    EXPECT_EQ(cluster.total(gauge("junctor_history_messages", "")), 0);
}

/// A client that comes and goes, always from where it was; what it has seen of each topic counts up by one.
struct Follower {
    std::size_t core;
    std::string filter;
    std::unique_ptr<Someone> someone;
    HistoryPosition position;
    std::map<std::string, std::uint64_t> seen;

    void connect(TestCluster& cluster) {
        someone = std::make_unique<Someone>(cluster, core);
        someone->session.on_settled = [this](Token, const Receipt& receipt) {
            ASSERT_EQ(receipt.history.front().how, Resumption::exact);
        };
        someone->session.on_deliver = [this](const Delivery& delivery) {
            const Envelope& message = *delivery.envelope;
            EXPECT_EQ(std::string(as_text(message.payload())), std::to_string(++seen[std::string(message.topic_text())]));
            EXPECT_GT(message.history(), position);
            position = message.history();
        };
        const HistoryStart first{From::first, {}}, after{From::after, position};
        someone->subscribe(filter, position.epoch == 0 ? first : after);
    }
};

TEST(RouterHistoryRuns, WhoComesBackWithItsPositionMissesNothingAndSeesNothingTwice) {
    for (std::uint16_t cores = 1; cores <= 4; ++cores) {
        for (std::uint64_t seed = 1; seed <= 40; ++seed) {
            SCOPED_TRACE(testing::Message() << cores << " cores, seed " << seed);
            TestCluster cluster(cores, seed, {}, {}, nullptr, {}, rules());
            SeededRandom random(seed);
            std::map<std::string, std::uint64_t> published;
            std::vector<std::unique_ptr<Someone>> publishers;
            const Texts topics{"a/1", "a/2", "a/3/x"};
            for (std::size_t i = 0; i < topics.size(); ++i) publishers.push_back(std::make_unique<Someone>(cluster, random.below(cores)));
            std::vector<Follower> followers;
            for (const char* filter : {"a/#", "a/1", "a/+"}) followers.push_back({random.below(cores), filter, nullptr, {}, {}});
            const auto act = [&] {
                const std::size_t chosen = random.below(10);
                if (chosen < 5) {
                    const std::size_t topic = random.below(topics.size());
                    const std::size_t burst = 1 + random.below(40);
                    for (std::size_t i = 0; i < burst; ++i)
                        publishers[topic]->publish(topics[topic], std::to_string(++published[topics[topic]]), static_cast<Qos>(random.below(3)));
                } else if (chosen < 8) {
                    Follower& follower = followers[random.below(followers.size())];
                    follower.someone ? follower.someone.reset() : follower.connect(cluster);
                } else if (Follower& follower = followers[random.below(followers.size())]; follower.someone) {
                    FakeSession& session = follower.someone->session;
                    session.window = session.window == 0 ? SIZE_MAX : 0;
                    if (session.window != 0) follower.someone->gate.ready(session);
                }
                for (std::size_t steps = random.below(60); steps > 0 && cluster.step(); --steps) {
                }
            };
            for (int i = 0; i < 150; ++i) act();
            for (Follower& each : followers) {
                if (!each.someone) each.connect(cluster);
                each.someone->session.window = SIZE_MAX;
                each.someone->gate.ready(each.someone->session);
            }
            cluster.settle();
            for (Follower& each : followers) {
                for (const std::string& topic : topics) {
                    const bool wanted = TopicFilter::parse({}, each.filter)->matches(*Topic::parse({}, topic));
                    EXPECT_EQ(each.seen[topic], wanted ? published[topic] : 0) << each.filter << " of " << topic;
                }
                each.someone.reset();
            }
            if (HasFailure()) return;
        }
    }
}

}  // namespace
}  // namespace junctor
