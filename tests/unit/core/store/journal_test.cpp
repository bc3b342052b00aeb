#include "core/store/journal.hpp"

#include <gtest/gtest.h>

#include "tests/support/model_store.hpp"
#include "tests/support/test_cluster.hpp"

namespace junctor {
namespace {

using test::ModelStore;

struct Heard final : CommitListener {
    void committed(std::uint64_t position) noexcept override { positions.push_back(position); }
    std::vector<std::uint64_t> positions;
};

TEST(Journal, WithoutAStoreEverythingIsDurableAtOnce) {
    Journal journal({0}, nullptr);
    EXPECT_FALSE(journal.stores());
    EXPECT_TRUE(journal.accepts());
    journal.batch().put(as_bytes("k"), as_bytes("v"));
    EXPECT_TRUE(journal.is_durable(journal.position()));
    journal.flush();
    EXPECT_FALSE(journal.staged());
    EXPECT_TRUE(journal.is_durable(journal.position()));
}

TEST(Journal, ARoundIsOneBatchAndItsPositionBecomesDurable) {
    ModelStore store;
    Journal journal({0}, &store);
    Heard heard;
    journal.add(heard);
    store.start(1, [&](CoreId, std::uint64_t batches) { journal.committed(batches); });
    journal.batch().put(as_bytes("a"), as_bytes("1"));
    journal.batch().put(as_bytes("b"), as_bytes("2"));
    const std::uint64_t position = journal.position();
    EXPECT_FALSE(journal.is_durable(position));
    journal.flush();
    EXPECT_NE(journal.position(), position);
    EXPECT_FALSE(journal.is_durable(position));
    EXPECT_EQ(store.commit_all(), 1U);
    EXPECT_TRUE(journal.is_durable(position));
    EXPECT_EQ(heard.positions, (std::vector<std::uint64_t>{1}));
    EXPECT_EQ(store.records().size(), 2U);
}

TEST(Journal, AnEmptyRoundSubmitsNothing) {
    ModelStore store;
    Journal journal({0}, &store);
    store.start(1, [](CoreId, std::uint64_t) {});
    journal.flush();
    EXPECT_EQ(journal.position(), 1U);
    EXPECT_FALSE(store.waiting());
}

TEST(Journal, NewsOfCommitsNeverRunsBackwards) {
    ModelStore store;
    Journal journal({0}, &store);
    Heard heard;
    journal.add(heard);
    journal.committed(5);
    journal.committed(3);
    EXPECT_TRUE(journal.is_durable(5));
    EXPECT_EQ(heard.positions, (std::vector<std::uint64_t>{5}));
}

TEST(Journal, ACoreOfTheClusterHearsWhenItsBatchIsDurable) {
    ModelStore store;
    test::TestCluster cluster(2, 1, {}, {}, &store);
    cluster.journal(1).batch().put(as_bytes("k"), as_bytes("v"));
    const std::uint64_t position = cluster.journal(1).position();
    cluster.settle();
    EXPECT_TRUE(store.waiting());
    EXPECT_FALSE(cluster.journal(1).is_durable(position));
    cluster.commit();
    EXPECT_TRUE(cluster.journal(1).is_durable(position));
    EXPECT_EQ(std::move(store).crash().size(), 1U);
}

TEST(Journal, WhatWasNotDurableIsGoneAfterACrash) {
    ModelStore store;
    test::TestCluster cluster(1, 1, {}, {}, &store);
    cluster.journal().batch().put(as_bytes("kept"), as_bytes("v"));
    cluster.commit();
    cluster.journal().batch().put(as_bytes("lost"), as_bytes("v"));
    cluster.settle();
    ModelStore next(std::move(store).crash());
    std::vector<std::string> found;
    next.load([&](Bytes key, Bytes) { found.emplace_back(as_text(key)); });
    EXPECT_EQ(found, (std::vector<std::string>{"kept"}));
}

TEST(Journal, ARefusingStoreKeepsWhatWasSubmittedAndRecovers) {
    ModelStore store;
    test::TestCluster cluster(1, 1, {}, {}, &store);
    store.refuse(true);
    EXPECT_FALSE(cluster.journal().accepts());
    cluster.journal().batch().put(as_bytes("k"), as_bytes("v"));
    cluster.commit();
    EXPECT_FALSE(cluster.journal().is_durable(1));
    store.refuse(false);
    cluster.commit();
    EXPECT_TRUE(cluster.journal().is_durable(1));
}

}  // namespace
}  // namespace junctor
