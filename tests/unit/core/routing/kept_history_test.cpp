#include "core/routing/kept_history.hpp"

#include <gtest/gtest.h>

#include <set>
#include <vector>

#include "core/store/envelope_record.hpp"
#include "core/store/keys.hpp"
#include "core/store/record.hpp"
#include "tests/support/model_store.hpp"

namespace junctor {
namespace {

using namespace std::chrono_literals;
using test::ModelStore;
using Records = ModelStore::Records;

const ClockPair clocks{TimePoint(1h), WallTime(1'000h)};

HistoryRule rule(std::uint64_t messages = 1'000'000) {
    return {*TopicFilter::parse({}, "a/#"), {messages, 1 << 30, Duration::max()}};
}

/// One run of a gateway that keeps one history.
class Gateway {
public:
    explicit Gateway(Records records, const HistoryRule& kept = rule(), std::uint64_t epoch = 1)
        : store_(std::move(records)), journal({0}, &store_), history(kept, journal) {
        EnvelopeDecoder decoder(clocks);
        store_.load([&](Bytes key, Bytes value) {
            const auto parts = keys::parse(key);
            const auto body = unseal(key, value);
            if (parts->number == 0 && body) history.restore_own(*body);
            if (parts->number != 0) history.restore(parts->number, body ? decoder.decode(*body) : nullptr);
        });
        store_.start(1, [this](CoreId, std::uint64_t batches) { journal.committed(batches); });
        history.restored(clocks.now, epoch);
    }

    HistoryPosition keep(const std::string& payload, std::uint64_t fresh_epoch = 99) {
        Draft draft;
        draft.topic = *Topic::parse({}, "a/b");
        draft.payload = as_bytes(payload);
        const EnvelopePtr envelope = Envelope::make(std::move(draft), {{}, {}, nullptr, clocks.now});
        history.keep(envelope, clocks, fresh_epoch);
        return envelope->history();
    }
    void commit() {
        journal.flush();
        store_.commit_all();
    }
    std::vector<std::string> after(std::uint64_t offset) const {
        std::vector<std::string> found;
        history.stream().read(offset, rule().filter, clocks.now, [&](const EnvelopePtr& each) {
            found.emplace_back(as_text(each->payload()));
            return true;
        });
        return found;
    }
    Records crash() { return std::move(store_).crash(); }
    const Records& records() const { return store_.records(); }

private:
    ModelStore store_;

public:
    Journal journal;
    KeptHistory history;
};

using Texts = std::vector<std::string>;

TEST(KeptHistory, IsThereAfterARestart) {
    Gateway first({});
    first.keep("one");
    const HistoryPosition seen = first.keep("two");
    first.keep("three");
    first.commit();
    Gateway second(first.crash(), rule(), 2);
    EXPECT_EQ(second.history.stream().last().epoch, seen.epoch);
    EXPECT_TRUE(second.history.stream().holds_all_after(seen));
    EXPECT_EQ(second.after(seen.offset), (Texts{"three"}));
    second.commit();
    EXPECT_EQ(second.keep("four").epoch, seen.epoch);
    EXPECT_EQ(second.after(seen.offset), (Texts{"three", "four"}));
}

TEST(KeptHistory, NoPositionIsGivenTwiceWhateverACrashTakes) {
    Records left;
    std::set<HistoryPosition> given;
    for (std::uint64_t run = 1; run <= 20; ++run) {
        Gateway gateway(left, rule(), run);
        for (int i = 0; i < 10; ++i) {
            if (i == static_cast<int>(run % 7)) gateway.commit();
            EXPECT_TRUE(given.insert(gateway.keep("x", 100 * run + static_cast<std::uint64_t>(i))).second);
        }
        left = gateway.crash();
    }
}

TEST(KeptHistory, BeginsAnewWhenOffsetsRunOutBeforeMoreAreReserved) {
    Gateway run({});
    run.commit();
    for (std::uint64_t i = 0; i < KeptHistory::lot; ++i) EXPECT_EQ(run.keep("x").epoch, 1U);
    EXPECT_EQ(run.keep("y"), (HistoryPosition{99, 1}));
    EXPECT_EQ(run.after(0), (Texts{"y"}));
}

TEST(KeptHistory, GoesOnBeyondALotWhenTheStoreKeepsUp) {
    Gateway run({});
    HistoryPosition last;
    for (std::uint64_t i = 0; i < KeptHistory::lot + 10; ++i) {
        last = run.keep("x");
        if (i % 1'000 == 0) run.commit();
    }
    EXPECT_EQ(last, (HistoryPosition{1, KeptHistory::lot + 10}));
}

TEST(KeptHistory, WhatTheBoundsDropGoesFromTheStoreToo) {
    Gateway run({}, rule(10));
    for (int i = 0; i < 1'000; ++i) run.keep("x");
    run.commit();
    EXPECT_EQ(run.history.stream().size(), 10U);
    EXPECT_LT(run.records().size(), 300U);
    Gateway second(run.crash(), rule(10));
    EXPECT_EQ(second.history.stream().size(), 10U);
    second.commit();
    EXPECT_EQ(second.records().size(), 11U);
}

TEST(KeptHistory, AnUnreadableMessageMakesAHoleAndNothingElse) {
    Gateway first({});
    for (const char* payload : {"one", "two", "three"}) first.keep(payload);
    first.commit();
    Records records = first.crash();
    const keys::FixedKey key = keys::history(KeptHistory::store_id(rule()), 2);
    const Bytes second_key = key;
    records.at(ByteBuffer(second_key.begin(), second_key.end())).at(3) ^= 1;
    Gateway second(std::move(records));
    EXPECT_EQ(second.after(0), (Texts{"one", "three"}));
    EXPECT_FALSE(second.history.stream().holds_all_after({1, 1}));
    EXPECT_TRUE(second.history.stream().holds_all_after({1, 2}));
}

TEST(KeptHistory, WithoutItsOwnRecordItBeginsAnewAndTheStoreIsCleared) {
    Gateway first({});
    first.keep("one");
    first.commit();
    Records records = first.crash();
    records.erase(records.begin());
    Gateway second(std::move(records), rule(), 2);
    EXPECT_EQ(second.history.stream().last(), (HistoryPosition{2, 0}));
    second.commit();
    EXPECT_EQ(second.records().size(), 1U);
}

TEST(KeptHistory, WithoutAStoreItLivesInMemory) {
    Journal journal({0}, nullptr);
    KeptHistory history(rule(), journal);
    history.restored(clocks.now, 5);
    Draft draft;
    draft.topic = *Topic::parse({}, "a");
    history.keep(Envelope::make(std::move(draft), {{}, {}, nullptr, clocks.now}), clocks, 6);
    EXPECT_EQ(history.stream().last(), (HistoryPosition{5, 1}));
    EXPECT_TRUE(journal.batch().empty());
}

}  // namespace
}  // namespace junctor
