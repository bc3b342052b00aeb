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
            if (parts->number != 0) history.restore(parts->number, body.value_or(Bytes()), decoder);
        });
        store_.start(1, [this](CoreId, std::uint64_t batches) { journal.committed(batches); });
        history.restored(clocks.now, epoch);
    }

    HistoryPosition keep(const std::string& payload, Qos qos = Qos::at_most_once) {
        Draft draft;
        draft.qos = qos;
        draft.topic = *Topic::parse({}, "a/b");
        draft.payload = as_bytes(payload);
        const EnvelopePtr envelope = Envelope::make(std::move(draft), {{}, {}, nullptr, clocks.now});
        history.keep(envelope, clocks);
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
    void refuse(bool refusing) { store_.refuse(refusing); }
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
            const HistoryPosition place = gateway.keep("x");
            EXPECT_TRUE(place.offset == 0 || given.insert(place).second);
        }
        left = gateway.crash();
    }
    EXPECT_GT(given.size(), 50U);
}

TEST(KeptHistory, LeavesAGapWhereOffsetsRunOutBeforeMoreAreReserved) {
    Gateway run({});
    run.commit();
    HistoryPosition last;
    for (std::uint64_t i = 1; i < KeptHistory::lot; ++i) last = run.keep("x");
    EXPECT_EQ(last, (HistoryPosition{1, KeptHistory::lot - 1}));
    EXPECT_EQ(run.keep("without a place").offset, 0U);
    EXPECT_FALSE(run.history.stream().holds_all_after(last));
    run.commit();
    const HistoryPosition next = run.keep("y");
    EXPECT_EQ(next, (HistoryPosition{1, KeptHistory::lot + 1}));
    EXPECT_EQ(run.after(last.offset), (Texts{"y"}));
    EXPECT_FALSE(run.history.stream().holds_all_after(last));
    EXPECT_TRUE(run.history.stream().holds_all_after({1, KeptHistory::lot}));
    run.commit();
    Gateway second(run.crash());
    EXPECT_FALSE(second.history.stream().holds_all_after(last));
    EXPECT_TRUE(second.history.stream().holds_all_after(next));
}

TEST(KeptHistory, WhoIsFasterThanTheStoreAfterARestartMakesAGap) {
    Gateway first({});
    const HistoryPosition last = first.keep("x");
    first.commit();
    Gateway second(first.crash());
    EXPECT_TRUE(second.history.stream().holds_all_after(last));
    EXPECT_EQ(second.keep("without a place").offset, 0U);
    EXPECT_FALSE(second.history.stream().holds_all_after(last));
    second.commit();
    EXPECT_EQ(second.keep("y").epoch, last.epoch);
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
    EXPECT_EQ(second.records().size(), 12U) << "ten messages, the bridge to this run, and the own record";
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

TEST(KeptHistory, WhatItsBoundsDroppedIsKnownToBeGoneAfterARestart) {
    Gateway first({}, rule(10));
    for (int i = 0; i < 300; ++i) first.keep("x");
    first.commit();
    Gateway second(first.crash(), rule(10), 2);
    EXPECT_FALSE(second.history.stream().holds_all_after({1, 0}));
    EXPECT_FALSE(second.history.stream().holds_all_after({1, 289}));
    EXPECT_TRUE(second.history.stream().holds_all_after({1, 290}));
}

TEST(KeptHistory, WhoHasEverythingIsToldOfNoGapAfterRestarts) {
    Records left;
    HistoryPosition last;
    for (std::uint64_t run = 0; run < 5; ++run) {
        Gateway gateway(left, rule(10), 1);
        if (run > 0) {
            EXPECT_TRUE(gateway.history.stream().holds_all_after(last)) << run;
        }
        gateway.commit();
        for (int i = 0; i < 400; ++i) last = gateway.keep("x");
        gateway.commit();
        gateway.history.trim(clocks.now);
        gateway.commit();
        left = gateway.crash();
    }
}

TEST(KeptHistory, WhoHasEverythingIsToldOfNoGapWhenAllHasBecomeTooOld) {
    const HistoryRule old{*TopicFilter::parse({}, "a/#"), {100, 1 << 30, 1s}};
    Gateway first({}, old);
    const HistoryPosition before = first.keep("x");
    const HistoryPosition last = first.keep("y");
    first.history.trim(clocks.now + 2s);
    first.commit();
    Gateway second(first.crash(), old, 2);
    EXPECT_FALSE(second.history.stream().holds_all_after(before));
    EXPECT_TRUE(second.history.stream().holds_all_after(last));
    second.commit();
    Gateway third(second.crash(), old, 3);
    EXPECT_TRUE(third.history.stream().holds_all_after(last));
    third.commit();
    third.keep("z");
    EXPECT_EQ(third.after(last.offset), (Texts{"z"}));
}

TEST(KeptHistory, ARecordThatHasVanishedMakesAHole) {
    Gateway first({});
    for (const char* payload : {"one", "two", "three"}) first.keep(payload);
    first.commit();
    Records records = first.crash();
    const keys::FixedKey key = keys::history(KeptHistory::store_id(rule()), 2);
    const Bytes gone = key;
    ASSERT_EQ(records.erase(ByteBuffer(gone.begin(), gone.end())), 1U);
    Gateway second(std::move(records));
    EXPECT_EQ(second.after(0), (Texts{"one", "three"}));
    EXPECT_FALSE(second.history.stream().holds_all_after({1, 1}));
    EXPECT_TRUE(second.history.stream().holds_all_after({1, 2}));
}

TEST(KeptHistory, AMessageThatWasLargerThanTheBoundIsKnownToBeGone) {
    const HistoryRule small{*TopicFilter::parse({}, "a/#"), {100, 500, Duration::max()}};
    Gateway first({}, small);
    const HistoryPosition before = first.keep("x");
    first.keep(std::string(1'000, 'y'));
    first.commit();
    Gateway second(first.crash(), small);
    EXPECT_FALSE(second.history.stream().holds_all_after(before));
    EXPECT_TRUE(second.history.stream().holds_all_after({1, 2}));
}

TEST(KeptHistory, WhatTheStoreDidNotTakeIsKnownToBeGoneAfterARestart) {
    Gateway first({});
    first.keep("one");
    first.commit();
    first.refuse(true);
    first.keep("two");
    EXPECT_EQ(first.after(0), (Texts{"one", "two"})) << "in memory it is there";
    EXPECT_TRUE(first.history.stream().holds_all_after({1, 1}));
    first.refuse(false);
    first.keep("three");
    first.commit();
    Gateway second(first.crash());
    EXPECT_EQ(second.after(0), (Texts{"one", "three"}));
    EXPECT_FALSE(second.history.stream().holds_all_after({1, 1}));
    EXPECT_TRUE(second.history.stream().holds_all_after({1, 2}));
}

TEST(KeptHistory, WhatIsToBeAcknowledgedIsWrittenEvenIfTheStoreTakesItLater) {
    Gateway first({});
    first.commit();
    first.refuse(true);
    first.keep("one", Qos::at_least_once);
    EXPECT_TRUE(first.journal.staged());
    first.refuse(false);
    first.commit();
    Gateway second(first.crash());
    EXPECT_EQ(second.after(0), (Texts{"one"}));
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
    history.keep(Envelope::make(std::move(draft), {{}, {}, nullptr, clocks.now}), clocks);
    EXPECT_EQ(history.stream().last(), (HistoryPosition{5, 1}));
    EXPECT_TRUE(journal.batch().empty());
}

}  // namespace
}  // namespace junctor
