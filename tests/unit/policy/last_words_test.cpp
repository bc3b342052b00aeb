// Wills with a store that fails, and a process that dies, between their moment and the disk.

#include "policy/last_words.hpp"

#include <gtest/gtest.h>

#include <optional>

#include "policy/policy_gate.hpp"
#include "tests/support/fake_client.hpp"
#include "tests/support/test_cluster.hpp"

namespace junctor {
namespace {

using test::FakeClient;
using test::ModelStore;
using test::SeededRandom;
using test::TestCluster;
using namespace std::chrono_literals;
using Texts = std::vector<std::string>;

constexpr Qos qos1 = Qos::at_least_once;
constexpr Qos qos2 = Qos::exactly_once;
constexpr SessionTerms kept{1h, false};

/// A gateway that can be killed, with a reader who wants everything, whenever it comes.
class DueWills : public testing::Test {
protected:
    void start(std::uint16_t cores, std::uint64_t seed = 1, ModelStore::Records records = {}) {
        cluster.reset();
        store = std::make_unique<ModelStore>(std::move(records));
        Limits limits;
        limits.undecided = 4'000;
        cluster.emplace(cores, seed, PolicyPtr{}, limits, store.get());
    }
    void with_reader() {
        FakeClient reader(*cluster, "reader", kept);
        reader.subscribe("#", qos2);
        cluster->commit();
    }
    void leave_will(const std::string& name, const SessionTerms& terms, Qos qos, const std::string& payload = "gone") {
        FakeClient client(*cluster, name, terms);
        client.set_will("will", payload, {}, qos);
        cluster->commit();
    }  // its connection ends here
    Texts read() {
        FakeClient reader(*cluster, "reader", kept);
        cluster->commit();
        return reader->payloads();
    }
    Texts read_after_rest() {
        cluster->commit();
        cluster->advance(2 * LastWords::pause);
        cluster->commit();
        return read();
    }

    std::unique_ptr<ModelStore> store;
    std::optional<TestCluster> cluster;
};

struct Way {
    SessionTerms terms;
    Qos qos;
};

class DueWillsInACrash : public DueWills, public testing::WithParamInterface<Way> {};

// Every moment between the end of the connection and rest, in orders that the seed chooses.
TEST_P(DueWillsInACrash, AreHeardAllTheSame) {
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        SeededRandom random(seed);
        const auto cores = static_cast<std::uint16_t>(1 + random.below(4));
        start(cores, seed);
        with_reader();
        leave_will("client-" + std::to_string(seed), GetParam().terms, GetParam().qos);
        for (std::uint64_t steps = random.below(12); steps > 0; --steps) {
            cluster->step();
            if (random.below(2) == 0) store->commit_some(random);
        }
        ModelStore::Records left = std::move(*store).crash();
        start(cores, seed, std::move(left));
        const Texts got = read_after_rest();
        if (GetParam().qos == qos2) { ASSERT_EQ(got, Texts{"gone"}) << "seed " << seed; }
        ASSERT_FALSE(got.empty()) << "seed " << seed;
        cluster.reset();
        start(cores, seed, store->records());
        ASSERT_TRUE(read_after_rest().size() <= got.size()) << "it is over: seed " << seed;
    }
}

INSTANTIATE_TEST_SUITE_P(Ways, DueWillsInACrash,
                         testing::Values(Way{kept, qos1}, Way{kept, qos2}, Way{SessionTerms{}, qos1}, Way{SessionTerms{}, qos2}));

class DueWillsOnAFullDisk : public DueWillsInACrash {
protected:
    void leave_will_without_room() {
        start(2);
        with_reader();
        {
            FakeClient client(*cluster, "client", GetParam().terms);
            client.set_will("will", "gone", {}, GetParam().qos);
            cluster->commit();
            store->refuse(true);
        }  // its connection ends here
        cluster->advance(10s);
    }
};

TEST_P(DueWillsOnAFullDisk, WaitForRoom) {
    leave_will_without_room();
    store->refuse(false);
    cluster->commit();
    EXPECT_EQ(read(), Texts{"gone"}) << "at once, by what was written meanwhile";
    EXPECT_EQ(read_after_rest(), Texts{"gone"}) << "once; the reader did not acknowledge it";
}

TEST_P(DueWillsOnAFullDisk, AreThereAfterACrashWithoutRoom) {
    leave_will_without_room();
    start(2, 1, std::move(*store).crash());
    EXPECT_EQ(read_after_rest(), Texts{"gone"});
}

INSTANTIATE_TEST_SUITE_P(Ways, DueWillsOnAFullDisk,
                         testing::Values(Way{kept, qos1}, Way{kept, qos2}, Way{SessionTerms{}, qos1}, Way{SessionTerms{}, qos2}));

TEST_F(DueWills, DoNotWaitWhereNobodyStoresThem) {
    start(1);
    FakeClient reader(*cluster);
    reader.subscribe("will", qos1);
    FakeClient client(*cluster, "client", SessionTerms{});
    client.set_will("will", "gone");
    cluster->commit();
    store->refuse(true);
    client.close();
    EXPECT_EQ(reader->payloads(), Texts{"gone"});
}

TEST_F(DueWills, AreGivenUpWhenTooManyWait) {
    start(1);
    with_reader();
    {
        std::vector<std::unique_ptr<FakeClient>> clients;
        for (int i = 0; i < 10; ++i) {
            clients.push_back(std::make_unique<FakeClient>(*cluster, "client-" + std::to_string(i), SessionTerms{}));
            clients.back()->set_will("will", std::string(1'000, 'x'));
        }
        cluster->commit();
        store->refuse(true);
    }
    store->refuse(false);
    EXPECT_EQ(read_after_rest().size(), 3u);
}

}  // namespace
}  // namespace junctor
