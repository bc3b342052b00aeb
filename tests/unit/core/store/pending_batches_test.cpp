#include "core/store/pending_batches.hpp"

#include <gtest/gtest.h>

#include <map>

#include "tests/support/seeded_random.hpp"

namespace junctor {
namespace {

using Fronts = std::vector<std::size_t>;

StoreBatch batch(std::initializer_list<StoreBatch::Joint> joints = {}) {
    StoreBatch made;
    made.erase(as_bytes("k"));
    for (const StoreBatch::Joint& joint : joints) made.join(joint);
    return made;
}

PendingBatches pending(std::uint16_t cores) {
    PendingBatches made;
    made.start(cores);
    return made;
}

TEST(PendingBatches, WithoutTransactionsEverythingGoes) {
    PendingBatches batches = pending(2);
    batches.add({0}, batch());
    batches.add({0}, batch());
    batches.add({1}, batch());
    EXPECT_EQ(batches.closed_fronts(), (Fronts{2, 1}));
    EXPECT_EQ(batches.closed_fronts(1), (Fronts{1, 1}));
    (void)batches.take_front({0}, 2);
    (void)batches.take_front({1}, 1);
    EXPECT_TRUE(batches.empty());
}

TEST(PendingBatches, ATransactionWaitsForItsLastPartAndHoldsBackOnlyWhatComesAfterIt) {
    PendingBatches batches = pending(3);
    batches.add({0}, batch());
    batches.add({0}, batch({{1, 2}}));
    batches.add({0}, batch());
    batches.add({1}, batch());
    EXPECT_EQ(batches.closed_fronts(), (Fronts{1, 1, 0}));
    batches.add({1}, batch({{1, 2}}));
    EXPECT_EQ(batches.closed_fronts(), (Fronts{3, 2, 0}));
}

TEST(PendingBatches, WhatOneCoreLeavesOutIsMissingToTheOthers) {
    PendingBatches batches = pending(3);
    batches.add({0}, batch({{1, 2}}));  // complete, but core 1 cannot give its part before transaction 2 is whole
    batches.add({1}, batch({{2, 2}}));
    batches.add({1}, batch({{1, 2}}));
    EXPECT_EQ(batches.closed_fronts(), (Fronts{0, 0, 0}));
    batches.add({2}, batch({{2, 2}}));
    EXPECT_EQ(batches.closed_fronts(), (Fronts{1, 2, 1}));
}

TEST(PendingBatches, OneBatchMayHoldPartsOfManyTransactions) {
    PendingBatches batches = pending(2);
    batches.add({0}, batch({{1, 2}, {2, 2}}));
    batches.add({1}, batch({{1, 2}}));
    EXPECT_EQ(batches.closed_fronts(), (Fronts{0, 0}));
    batches.add({1}, batch({{2, 2}}));
    EXPECT_EQ(batches.closed_fronts(), (Fronts{1, 2}));
    EXPECT_EQ(batches.closed_fronts(1), (Fronts{0, 0})) << "a limit splits no transaction";
}

TEST(PendingBatches, NoOrderOfArrivalSplitsATransaction) {
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        test::SeededRandom random(seed);
        PendingBatches batches = pending(3);
        std::vector<std::vector<StoreBatch>> lists(3);
        for (std::uint64_t transaction = 1; transaction <= 8; ++transaction) {
            const std::size_t left_out = random.below(3);
            for (std::size_t core = 0; core < 3; ++core)
                if (core != left_out) lists[core].push_back(batch({{transaction, 2}}));
        }
        std::vector<std::size_t> given(3), written(3);
        while (true) {
            std::vector<std::size_t> open;
            for (std::size_t core = 0; core < 3; ++core)
                if (given[core] < lists[core].size()) open.push_back(core);
            if (open.empty()) break;
            const std::size_t core = open[random.below(open.size())];
            batches.add({static_cast<std::uint16_t>(core)}, std::move(lists[core][given[core]++]));
            const Fronts fronts = batches.closed_fronts(1 + random.below(3));
            std::map<std::uint64_t, int> parts;
            for (std::uint16_t of = 0; of < 3; ++of) {
                for (const StoreBatch& batch : batches.take_front({of}, fronts[of]))
                    for (const auto& joint : batch.joints()) ++parts[joint.transaction];
                written[of] += fronts[of];
            }
            for (const auto& [transaction, count] : parts) EXPECT_EQ(count, 2) << "seed " << seed << ", transaction " << transaction;
        }
        const Fronts rest = batches.closed_fronts();
        for (std::size_t core = 0; core < 3; ++core) EXPECT_EQ(written[core] + rest[core], lists[core].size()) << "seed " << seed;
    }
}

}  // namespace
}  // namespace junctor
