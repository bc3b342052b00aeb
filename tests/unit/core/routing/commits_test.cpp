// When a publisher hears that its message was taken: when all who are to store it have.

#include "core/routing/commits.hpp"

#include <gtest/gtest.h>

#include <deque>

#include "tests/support/fake_client.hpp"

namespace junctor {
namespace {

using test::FakeClient;
using test::ModelStore;
using test::TestCluster;

constexpr Qos acknowledged = Qos::at_least_once;

/// A client that writes what it is given into its core's journal, under `<name>/<payload>`.
class Keeper {
public:
    Keeper(TestCluster& cluster, std::size_t core, std::string name) : client_(cluster, {}, core), name_(std::move(name)) {
        client_->is_durable = true;
        client_->on_deliver = [this, &cluster, core](const Delivery& delivery) {
            client_->result = delivery.qos == Qos::at_most_once ? DeliverResult::queued : DeliverResult::stored;
            if (delivery.qos != Qos::at_most_once)
                cluster.journal(core).batch().put(as_bytes(name_ + "/" + std::string(as_text(delivery.envelope->payload()))), {});
        };
    }
    FakeClient& operator*() noexcept { return client_; }
    FakeClient* operator->() noexcept { return &client_; }
    const std::string& name() const noexcept { return name_; }
    bool kept(const ModelStore::Records& records, const std::string& payload) const {
        const std::string key = name_ + "/" + payload;
        return records.contains(ByteBuffer(key.begin(), key.end()));
    }

private:
    FakeClient client_;
    std::string name_;
};

class CommitsTest : public ::testing::TestWithParam<std::uint16_t> {
protected:
    std::uint16_t cores() const { return GetParam(); }
    std::size_t last() const { return cores() - 1U; }

    ModelStore store;
    TestCluster cluster{GetParam(), 1, {}, {}, &store};
};

INSTANTIATE_TEST_SUITE_P(Cores, CommitsTest, ::testing::Values(1, 2, 4));

TEST_P(CommitsTest, SettleWhenAllWhoStoreItHave) {
    Keeper here(cluster, 0, "here");
    Keeper there(cluster, last(), "there");
    here->subscribe("a", acknowledged);
    there->subscribe("a", acknowledged);
    cluster.commit();
    FakeClient publisher(cluster);
    publisher.publish("a", "1", acknowledged, 7);
    cluster.settle();
    EXPECT_EQ(publisher->settlement(7), nullptr);
    cluster.commit();
    ASSERT_NE(publisher->settlement(7), nullptr);
    EXPECT_EQ(publisher->settlement(7)->code, Errc::ok);
    EXPECT_TRUE(here.kept(store.records(), "1"));
    EXPECT_TRUE(there.kept(store.records(), "1"));
}

TEST_P(CommitsTest, WaitForNothingWhereNothingIsStored) {
    Keeper keeper(cluster, last(), "k");
    keeper->subscribe("kept", acknowledged);
    FakeClient reader(cluster, {}, last());
    reader.subscribe("read", acknowledged);
    cluster.commit();
    FakeClient publisher(cluster);
    publisher.publish("read", "1", acknowledged, 7);
    EXPECT_NE(publisher->settlement(7), nullptr);
    publisher.publish("kept", "2", Qos::at_most_once, 8);
    EXPECT_NE(publisher->settlement(8), nullptr) << "QoS 0 is not stored";
}

TEST_P(CommitsTest, KeepThePublishersOrder) {
    Keeper keeper(cluster, last(), "k");
    keeper->subscribe("kept", acknowledged);
    FakeClient reader(cluster, {}, last());
    reader.subscribe("read", acknowledged);
    cluster.commit();
    FakeClient publisher(cluster);
    FakeClient other(cluster);
    publisher.publish("kept", "1", acknowledged, 1);
    publisher.publish("read", "2", acknowledged, 2);
    publisher.publish("$to/nobody", "3", acknowledged, 3);
    other.publish("read", "4", acknowledged, 4);
    cluster.settle();
    EXPECT_NE(other->settlement(4), nullptr) << "nobody waits for another one's message";
    EXPECT_TRUE(publisher->settlements.empty());
    cluster.commit();
    ASSERT_EQ(publisher->settlements.size(), 3u);
    for (std::uint64_t at = 0; at < 3; ++at) EXPECT_EQ(publisher->settlements[at].token.value, at + 1);
    EXPECT_EQ(publisher->settlement(3)->code, Errc::no_receivers);
}

TEST_P(CommitsTest, RefuseWhatCannotBeStoredBeforeAnybodyGetsIt) {
    Keeper keeper(cluster, last(), "k");
    keeper->subscribe("kept", acknowledged);
    FakeClient reader(cluster, {}, last());
    reader.subscribe("#", acknowledged);
    cluster.commit();
    FakeClient publisher(cluster);
    store.refuse(true);
    publisher.publish("kept", "1", acknowledged, 1);
    publisher.publish("read", "2", acknowledged, 2);
    publisher.publish("kept", "3", Qos::at_most_once, 3);
    cluster.settle();
    EXPECT_EQ(publisher->settlement(1)->code, Errc::overloaded);
    EXPECT_EQ(publisher->settlement(1)->reason, "the gateway cannot store anything at present; try again later");
    EXPECT_EQ(publisher->settlement(2)->code, Errc::ok);
    EXPECT_EQ(publisher->settlement(3)->code, Errc::ok);
    EXPECT_EQ(reader->payloads(), (std::vector<std::string>{"2", "3"}));
    store.refuse(false);
    publisher.publish("kept", "4", acknowledged, 4);
    cluster.commit();
    EXPECT_EQ(publisher->settlement(4)->code, Errc::ok);
}

// A member that is there could take it, and leave it undone: then it is the durable member's, which cannot store it.
TEST_P(CommitsTest, RefuseWhatADurableMemberMayHaveToTakeOver) {
    Keeper sleeper(cluster, last(), "k");
    (*sleeper)->is_away = true;
    sleeper->subscribe("$share/mixed/kept", acknowledged);
    FakeClient member(cluster);
    for (const char* filter : {"$share/mixed/kept", "$share/there/read"}) member.subscribe(filter, acknowledged);
    cluster.commit();
    FakeClient publisher(cluster, {}, last());
    store.refuse(true);
    publisher.publish("kept", "refused", acknowledged, 1);
    publisher.publish("kept", "at QoS 0", Qos::at_most_once, 2);
    publisher.publish("read", "nobody keeps it", acknowledged, 3);
    cluster.settle();
    EXPECT_EQ(publisher->settlement(1)->code, Errc::overloaded);
    EXPECT_EQ(publisher->settlement(2)->code, Errc::ok);
    EXPECT_EQ(publisher->settlement(3)->code, Errc::ok);
    EXPECT_EQ(member->payloads(), (std::vector<std::string>{"at QoS 0", "nobody keeps it"}));
    store.refuse(false);
    publisher.publish("kept", "taken over", acknowledged, 4);
    cluster.commit();
    EXPECT_EQ(publisher->settlement(4)->code, Errc::ok);
    EXPECT_EQ(member->payloads().back(), "taken over");
    member.close();
    cluster.commit();
    EXPECT_TRUE(sleeper.kept(store.records(), "taken over"));
}

TEST_P(CommitsTest, RefuseARetainedValueWhoeverCouldHaveTheMessage) {
    FakeClient member(cluster, {}, last());
    member.subscribe("$share/there/read", acknowledged);
    FakeClient publisher(cluster);
    cluster.commit();
    store.refuse(true);
    Draft value = publisher.draft("read", "refused", acknowledged);
    value.retain = true;
    publisher.gate().publish(*publisher, std::move(value), Token{1});
    cluster.settle();
    EXPECT_EQ(publisher->settlement(1)->code, Errc::overloaded);
    EXPECT_TRUE(member->deliveries.empty());
    store.refuse(false);
    FakeClient later(cluster);
    later.subscribe("read");
    cluster.commit();
    EXPECT_TRUE(later->deliveries.empty()) << "what was refused is not kept";
}

TEST_P(CommitsTest, KnowWhenAFilterBecomesDurableAndWhenItEnds) {
    FakeClient reader(cluster, {}, last());
    reader.subscribe("a", acknowledged);
    cluster.commit();
    Keeper keeper(cluster, last(), "k");
    keeper->subscribe("a", acknowledged);
    cluster.settle();
    EXPECT_EQ(keeper->operator->()->settlements.size(), 1u);
    FakeClient publisher(cluster);
    publisher.publish("a", "1", acknowledged, 1);
    cluster.settle();
    EXPECT_EQ(publisher->settlement(1), nullptr);
    cluster.commit();
    keeper->unsubscribe("a");
    cluster.settle();
    publisher.publish("a", "2", acknowledged, 2);
    EXPECT_NE(publisher->settlement(2), nullptr);
}

TEST_P(CommitsTest, WaitForTheMemberThatStores) {
    Keeper one(cluster, 0, "one");
    Keeper two(cluster, last(), "two");
    for (Keeper* each : {&one, &two}) (*each)->subscribe("$share/g/a", acknowledged);
    cluster.commit();
    FakeClient publisher(cluster, {}, last());
    for (std::uint64_t i = 1; i <= 6; ++i) publisher.publish("a", std::to_string(i), acknowledged, i);
    cluster.settle();
    EXPECT_TRUE(publisher->settlements.empty());
    cluster.commit();
    EXPECT_EQ(publisher->settlements.size(), 6u);
    for (int i = 1; i <= 6; ++i) EXPECT_NE(one.kept(store.records(), std::to_string(i)), two.kept(store.records(), std::to_string(i)));
}

TEST_P(CommitsTest, WaitForTheMemberThatAMessageIsSentTo) {
    Keeper keeper(cluster, last(), "k");
    keeper->subscribe("$share/g/a", acknowledged);
    cluster.commit();
    FakeClient sender(cluster);
    sender.send("a", "1", 1);
    cluster.settle();
    EXPECT_EQ(sender->settlement(1), nullptr);
    cluster.commit();
    ASSERT_NE(sender->settlement(1), nullptr);
    EXPECT_EQ(sender->settlement(1)->code, Errc::ok);
    EXPECT_TRUE(keeper.kept(store.records(), "1"));
}

TEST_P(CommitsTest, WaitForTheOneThatAMessageIsSentTo) {
    Keeper keeper(cluster, last(), "k");
    keeper->subscribe("a", acknowledged);
    cluster.commit();
    // What it says before it has been given anything.
    (*keeper)->result = DeliverResult::stored;
    FakeClient sender(cluster);
    sender.send("a", "1", 1);
    cluster.settle();
    EXPECT_EQ(sender->settlement(1), nullptr);
    cluster.commit();
    EXPECT_EQ(sender->settlement(1)->code, Errc::ok);
}

/// Publishers on all cores, with and without ids that are stored with the message; the store gets on at random, until the crash.
class Crash {
public:
    Crash(std::uint64_t seed, std::uint16_t cores) : cluster_(cores, seed, {}, {}, &store_) {
        for (const char* name : {"one", "two", "three"}) add(name, "t/#");
        for (const char* name : {"four", "five"}) add(name, "$share/g/t/#");
        for (int i = 0; i < 3; ++i) publishers_.emplace_back(cluster_, std::string(), random(cores));
        cluster_.commit();
    }

    void run(int messages) {
        for (int i = 0; i < messages; ++i) {
            publish(random(publishers_.size()), std::to_string(++sent_));
            for (std::size_t carried = random(8); carried > 0; --carried) cluster_.step();
            if (random(3) == 0) store_.commit_some(cluster_.random());
        }
    }

    void check() {
        const ModelStore::Records records = store_.records();
        for (std::size_t number = 1; number <= sent_; ++number) {
            const std::string text = std::to_string(number);
            const std::size_t copies = count_copies(records, text);
            if (settled(number)) {
                EXPECT_EQ(copies, 4u) << "acknowledged: " << number;
            }
            if (number % 2 == 0) {
                EXPECT_EQ(copies, id_kept(records, text) ? 4u : 0u) << "its id and it go together: " << number;
            }
        }
    }

    void check_end() {
        cluster_.commit();
        for (std::size_t number = 1; number <= sent_; ++number) EXPECT_TRUE(settled(number)) << number;
    }

private:
    std::size_t random(std::size_t bound) { return cluster_.random().below(bound); }

    void add(const char* name, const char* filter) {
        keepers_.emplace_back(cluster_, random(cluster_.count()), name)->subscribe(filter, acknowledged);
    }

    void publish(std::size_t who, const std::string& text) {
        FakeClient& from = publishers_[who];
        Draft draft = from.draft("t/" + std::to_string(random(3)), text, Qos::exactly_once);
        draft.exactly_once_id = sent_ % 2 == 0 ? 1 : 0;
        if (draft.exactly_once_id != 0) cluster_.journal(from.core()).batch().put(as_bytes("id/" + text), {});
        from.gate().router().publish(*from, std::move(draft), Token{sent_});
    }

    /// Three for the plain keepers, and one for the group.
    std::size_t count_copies(const ModelStore::Records& records, const std::string& text) const {
        std::size_t copies = 0;
        for (const Keeper& each : keepers_) copies += each.kept(records, text);
        return copies;
    }
    bool id_kept(const ModelStore::Records& records, const std::string& text) const {
        const std::string key = "id/" + text;
        return records.contains(ByteBuffer(key.begin(), key.end()));
    }
    bool settled(std::size_t number) {
        for (FakeClient& each : publishers_)
            if (each->settlement(number)) return true;
        return false;
    }

    ModelStore store_;
    TestCluster cluster_;
    std::deque<Keeper> keepers_;
    std::deque<FakeClient> publishers_;
    std::size_t sent_ = 0;
};

// Threat class 35 and the fault "kill": acknowledged is stored; an exactly-once id and its message are stored together or not at all.
TEST(Commits, AcknowledgeNothingThatACrashTakes) {
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        for (std::uint16_t cores = 1; cores <= 4; ++cores) {
            SCOPED_TRACE("seed " + std::to_string(seed) + ", cores " + std::to_string(cores));
            Crash crash(seed, cores);
            for (int rounds = 0; rounds < 5; ++rounds) {
                crash.run(10);
                crash.check();
            }
            crash.check_end();
            crash.check();
            if (::testing::Test::HasFailure()) return;
        }
    }
}

}  // namespace
}  // namespace junctor
