// The process dies at any moment: what was acknowledged stands in the history, which goes on under its epoch, and whoever comes back with the
// position of the last message it has seen misses nothing that was acknowledged.

#include <gtest/gtest.h>

#include <set>

#include "tests/support/fake_session.hpp"
#include "tests/support/test_cluster.hpp"

namespace junctor {
namespace {

using namespace std::chrono_literals;
using test::FakeSession;
using test::ModelStore;
using test::SeededRandom;
using test::TestCluster;
using From = HistoryStart::From;

HistoryRulesPtr rules() {
    const HistoryBounds bounds{100'000, 64 << 20, 10h};
    return std::make_shared<const HistoryRules>(std::vector<HistoryRule>{{*TopicFilter::parse({}, "a/#"), bounds}});
}

/// Publishes 0, 1, 2, ... with QoS 1, and again from the first that was not acknowledged when the gateway comes back.
struct Publisher {
    static constexpr std::uint64_t most_in_flight = 20;

    std::string topic;
    std::unique_ptr<FakeSession> session;
    Gate* gate = nullptr;
    std::uint64_t next = 0;
    std::set<std::uint64_t> acknowledged;

    void connect(TestCluster& cluster, std::size_t core) {
        session = std::make_unique<FakeSession>();
        session->on_settled = [this](Token token, const Receipt& receipt) {
            if (receipt.code == Errc::ok) acknowledged.insert(token.value - 1);
        };
        gate = &cluster.gate(core);
        ASSERT_TRUE(gate->open(*session, {}));
        next = 0;
        while (acknowledged.contains(next)) ++next;
    }
    void publish() {
        if (next >= acknowledged.size() + most_in_flight) return;
        const std::string payload = std::to_string(next);
        Draft draft;
        draft.topic = *Topic::parse({}, topic);
        draft.payload = as_bytes(payload);
        draft.qos = Qos::at_least_once;
        gate->publish(*session, std::move(draft), Token{++next});
    }
};

/// Sees messages live, or out of the history, and knows nothing but the last position.
struct Reader {
    std::unique_ptr<FakeSession> session;
    HistoryPosition position;
    std::map<std::string, std::set<std::uint64_t>> seen;

    void connect(TestCluster& cluster, std::size_t core) {
        session = std::make_unique<FakeSession>();
        session->on_settled = [](Token, const Receipt& receipt) { ASSERT_EQ(receipt.history.front().how, Resumption::exact); };
        session->on_deliver = [this](const Delivery& delivery) { take(*delivery.envelope); };
        ASSERT_TRUE(cluster.gate(core).open(*session, {}));
        SubscribeRequest request{*TopicFilter::parse({}, "a/#"), {}};
        request.options.max_qos = Qos::at_least_once;
        request.start = position.epoch == 0 ? HistoryStart{From::first, {}} : HistoryStart{From::after, position};
        cluster.gate(core).subscribe(*session, {&request, 1}, Token{1});
    }
    void take(const Envelope& message) {
        if (position.epoch != 0) {
            EXPECT_EQ(message.history().epoch, position.epoch) << "the epoch lives as long as the store";
        }
        EXPECT_GT(message.history(), position);
        position = message.history();
        const std::uint64_t number = std::stoull(std::string(as_text(message.payload())));
        std::set<std::uint64_t>& numbers = seen[std::string(message.topic_text())];
        if (!numbers.insert(number).second) return;
        EXPECT_EQ(number, *numbers.rbegin()) << "in order";
    }
};

class Lives {
public:
    Lives(std::uint64_t seed, bool other_cores, std::uint16_t cores) : random_(seed), other_cores_(other_cores), cores_(cores) {
        for (std::size_t i = 0; i < publishers_.size(); ++i) publishers_[i].topic = "a/" + std::to_string(i);
    }

    void run(int lives) {
        for (int life = 0; life < lives && !testing::Test::HasFailure(); ++life) live(life + 1 == lives);
        for (Publisher& each : publishers_)
            for (const std::uint64_t number : each.acknowledged)
                ASSERT_TRUE(reader_.seen[each.topic].contains(number)) << number << " on " << each.topic;
    }

private:
    void live(bool last) {
        ModelStore store(std::move(records_));
        if (other_cores_) cores_ = static_cast<std::uint16_t>(1 + random_.below(4));
        TestCluster cluster(cores_, random_.next(), {}, {}, &store, {}, rules());
        cluster.commit();
        EXPECT_EQ(cluster.unreadable, 0U);
        for (Publisher& each : publishers_) each.connect(cluster, random_.below(cores_));
        reader_.connect(cluster, random_.below(cores_));
        for (std::size_t step = random_.below(600); step > 0; --step) act(cluster, store);
        if (last) {
            cluster.commit();
            cluster.settle();
        }
        if (last || random_.below(4) == 0) store.stop();
        records_ = std::move(store).crash();
        // Those of the dead are never closed.
        for (Publisher& each : publishers_) each.session.reset();
        reader_.session.reset();
    }
    void act(TestCluster& cluster, ModelStore& store) {
        const std::size_t chosen = random_.below(10);
        if (chosen < 3) return publishers_[random_.below(publishers_.size())].publish();
        if (chosen == 3) return static_cast<void>(store.commit_some(random_));
        cluster.step();
    }

    SeededRandom random_;
    bool other_cores_;
    std::uint16_t cores_;
    ModelStore::Records records_;
    std::array<Publisher, 3> publishers_;
    Reader reader_;
};

TEST(HistoryCrash, NothingAcknowledgedIsMissing) {
    for (std::uint16_t cores = 1; cores <= 4; ++cores) {
        for (std::uint64_t seed = 1; seed <= 30; ++seed) {
            SCOPED_TRACE(testing::Message() << cores << " cores, seed " << seed);
            Lives(seed, false, cores).run(5);
            if (HasFailure()) return;
        }
    }
}

TEST(HistoryCrash, NothingAcknowledgedIsMissingWhenTheNumberOfCoresChanges) {
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        SCOPED_TRACE(seed);
        Lives(seed, true, 1).run(5);
        if (HasFailure()) return;
    }
}

TEST(HistoryCrash, HistoriesThatNobodyKeepsAnyMoreLeaveTheStore) {
    ModelStore store;
    {
        TestCluster cluster(2, 1, {}, {}, &store, {}, rules());
        Publisher publisher;
        publisher.topic = "a/b";
        publisher.connect(cluster, 0);
        for (int i = 0; i < 5; ++i) publisher.publish();
        cluster.commit();
        EXPECT_EQ(publisher.acknowledged.size(), 5U);
    }
    ModelStore again(std::move(store).crash());
    EXPECT_GE(again.records().size(), 6U);
    TestCluster cluster(2, 1, {}, {}, &again);
    cluster.commit();
    EXPECT_TRUE(again.records().empty());
}

TEST(HistoryCrash, APublishIsRefusedWhileTheStoreTakesNothing) {
    ModelStore store;
    TestCluster cluster(2, 1, {}, {}, &store, {}, rules());
    cluster.commit();
    store.refuse(true);
    for (std::size_t core = 0; core < 2; ++core) {
        FakeSession session;
        ASSERT_TRUE(cluster.gate(core).open(session, {}));
        for (const Qos qos : {Qos::at_most_once, Qos::at_least_once}) {
            Draft draft;
            draft.topic = *Topic::parse({}, "a/b");
            draft.qos = qos;
            cluster.gate(core).publish(session, std::move(draft), Token{1 + static_cast<std::uint64_t>(qos)});
        }
        cluster.settle();
        EXPECT_EQ(session.settlement(1)->code, Errc::ok) << "QoS 0 goes on";
        EXPECT_EQ(session.settlement(2)->code, Errc::overloaded);
        cluster.gate(core).close(session, CloseReason::normal);
    }
}

}  // namespace
}  // namespace junctor
