#include "core/session/durable_queue.hpp"

#include <gtest/gtest.h>

#include <map>

#include "tests/support/seeded_random.hpp"

namespace junctor {
namespace {

using Entry = DurableQueue::Entry;
using Sequences = std::vector<std::uint64_t>;

Entry entry(std::string_view payload = "x", Qos qos = Qos::at_least_once) {
    Draft draft;
    draft.topic = Topic::parse({}, "t").value();
    draft.payload = as_bytes(payload);
    draft.qos = qos;
    Entry made;
    made.envelope = Envelope::make(std::move(draft), {});
    made.qos = qos;
    return made;
}

/// Gives the wire as much as `window` lets be outstanding; returns what it got.
Sequences pump(DurableQueue& queue, std::size_t window = 100) {
    Sequences got;
    while (const auto next = queue.next()) {
        if (next->repeat == Repeat::no && queue.outstanding() >= window) break;
        got.push_back(next->entry->sequence);
        queue.sent();
    }
    return got;
}

TEST(DurableQueue, CountsUpByOneAndNeverUsesASequenceAgain) {
    DurableQueue queue;
    EXPECT_EQ(queue.append(entry()), 1u);
    EXPECT_EQ(queue.append(entry()), 2u);
    EXPECT_EQ(pump(queue), (Sequences{1, 2}));
    EXPECT_EQ(queue.done(1)->sequence, 1u);
    EXPECT_EQ(queue.done(2)->sequence, 2u);
    EXPECT_TRUE(queue.empty());
    EXPECT_EQ(queue.append(entry()), 3u);
}

TEST(DurableQueue, CountsWhatItHoldsInMessagesAndBytes) {
    DurableQueue queue;
    const std::size_t cost = entry("four").cost();
    queue.append(entry("four"));
    queue.append(entry("four"));
    EXPECT_EQ(queue.bytes(), 2 * cost);
    pump(queue, 1);
    EXPECT_EQ(queue.outstanding(), 1u);
    EXPECT_EQ(queue.bytes(), 2 * cost);
    EXPECT_EQ(queue.drop_oldest()->sequence, 2u) << "what has gone to the wire is not dropped";
    EXPECT_EQ(queue.bytes(), cost);
    EXPECT_FALSE(queue.drop_oldest());
    queue.done(1);
    EXPECT_EQ(queue.bytes(), 0u);
    EXPECT_EQ(queue.size(), 0u);
}

TEST(DurableQueue, TakesProgressOnlyForWhatIsOutstanding) {
    DurableQueue queue;
    queue.append(entry());
    EXPECT_FALSE(queue.done(1)) << "it waits";
    EXPECT_FALSE(queue.received(1, 0));
    pump(queue);
    EXPECT_FALSE(queue.received(1, 0)) << "of QoS 1";
    EXPECT_FALSE(queue.done(0));
    EXPECT_FALSE(queue.done(2));
    EXPECT_TRUE(queue.done(1));
    EXPECT_FALSE(queue.done(1)) << "once";
}

TEST(DurableQueue, FinishesInAnyOrder) {
    DurableQueue queue;
    for (int i = 0; i < 5; ++i) queue.append(entry());
    pump(queue);
    EXPECT_TRUE(queue.done(3));
    EXPECT_FALSE(queue.done(3));
    EXPECT_TRUE(queue.done(1));
    EXPECT_TRUE(queue.done(5));
    EXPECT_EQ(queue.outstanding(), 2u);
    EXPECT_TRUE(queue.done(2));
    EXPECT_TRUE(queue.done(4));
    EXPECT_TRUE(queue.empty());
}

TEST(DurableQueue, FinishesAllUpToOne) {
    DurableQueue queue;
    for (int i = 0; i < 5; ++i) queue.append(entry());
    pump(queue, 4);
    queue.done(2);
    Sequences finished;
    while (const auto gone = queue.done_up_to(3)) finished.push_back(gone->sequence);
    EXPECT_EQ(finished, (Sequences{1, 3}));
    EXPECT_EQ(queue.size(), 2u);
}

TEST(DurableQueue, RepeatsInOrderWhatIsNotFinished) {
    DurableQueue queue;
    for (int i = 0; i < 5; ++i) queue.append(entry("x", Qos::exactly_once));
    pump(queue, 4);
    queue.done(2);
    EXPECT_EQ(queue.received(3, 0)->sequence, 3u);
    queue.resume();
    ASSERT_TRUE(queue.next());
    EXPECT_EQ(queue.next()->entry->sequence, 1u);
    EXPECT_EQ(queue.next()->repeat, Repeat::maybe);
    queue.sent();
    EXPECT_EQ(queue.next()->entry->sequence, 3u);
    EXPECT_EQ(queue.next()->repeat, Repeat::release);
    queue.sent();
    EXPECT_EQ(queue.next()->repeat, Repeat::maybe);
    queue.sent();
    EXPECT_EQ(queue.next()->entry->sequence, 5u);
    EXPECT_EQ(queue.next()->repeat, Repeat::no);
}

TEST(DurableQueue, WhatFinishesWhileItRepeatsIsLeftOut) {
    DurableQueue queue;
    for (int i = 0; i < 4; ++i) queue.append(entry());
    pump(queue);
    queue.resume();
    queue.sent();
    queue.done(1);
    queue.done(2);
    EXPECT_EQ(queue.next()->entry->sequence, 3u);
    EXPECT_EQ(queue.skip().sequence, 3u);
    EXPECT_EQ(pump(queue), (Sequences{4}));
    EXPECT_FALSE(queue.next());
}

TEST(DurableQueue, SkipsWhatWaits) {
    DurableQueue queue;
    queue.append(entry());
    queue.append(entry());
    EXPECT_EQ(queue.skip().sequence, 1u);
    EXPECT_EQ(pump(queue), (Sequences{2}));
}

TEST(DurableQueue, KeepsOutstandingSequencesWithinTheSpan) {
    DurableQueue queue;
    queue.append(entry());
    pump(queue, 1);
    for (std::uint64_t i = 0; i < 2 * DurableQueue::most_span; ++i) {
        queue.append(entry());
        if (queue.next()) queue.skip();
    }
    EXPECT_FALSE(queue.next()) << "its packet identifier would be that of the first";
    queue.done(1);
    EXPECT_EQ(queue.next()->entry->sequence, DurableQueue::most_span + 1);
}

TEST(DurableQueue, ComesBackAsItWasStored) {
    DurableQueue queue;
    for (const std::uint64_t sequence : {3u, 5u, 7u, 8u, 12u}) {
        Entry restored = entry("x", Qos::exactly_once);
        restored.sequence = sequence;
        if (sequence == 7) restored.state = Entry::State::received;
        queue.restore(std::move(restored));
    }
    queue.presume_sent(1);
    queue.resume();
    EXPECT_EQ(queue.outstanding(), 4u) << "up to the one that was received, and one more";
    for (const Repeat expected : {Repeat::maybe, Repeat::maybe, Repeat::release, Repeat::maybe}) {
        EXPECT_EQ(queue.next()->repeat, expected);
        queue.sent();
    }
    EXPECT_EQ(queue.next()->entry->sequence, 12u);
    EXPECT_EQ(queue.next()->repeat, Repeat::no);
    EXPECT_EQ(queue.append(entry()), 13u);
}

TEST(DurableQueue, NeverSendsAgainWhatWasReceived) {
    DurableQueue queue;
    for (const std::uint64_t sequence : {std::uint64_t{1}, DurableQueue::most_span + 1}) {
        Entry restored = entry("x", Qos::exactly_once);
        restored.sequence = sequence;
        if (sequence != 1) restored.state = Entry::State::received;
        queue.restore(std::move(restored));
    }
    queue.presume_sent(1);
    queue.resume();
    EXPECT_EQ(queue.outstanding(), 1u) << "the other one is too far from it";
    queue.done(1);
    EXPECT_EQ(queue.next()->repeat, Repeat::release);
    queue.sent();
    EXPECT_EQ(queue.done(DurableQueue::most_span + 1)->sequence, DurableQueue::most_span + 1);
}

// Against the plainest model of it there is: a map of what is alive.
TEST(DurableQueue, AgreesWithAModelThroughRandomSteps) {
    enum class Known { waiting, sent, received };
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
        test::SeededRandom random(seed);
        DurableQueue queue;
        std::map<std::uint64_t, Known> model;
        const auto oldest = [&](auto accept) {
            return std::find_if(model.begin(), model.end(), [&](const auto& each) { return accept(each.second); });
        };
        const auto waits = [](Known state) { return state == Known::waiting; };
        for (int step = 0; step < 500; ++step) {
            const std::uint64_t any = random.below(model.empty() ? 1 : model.rbegin()->first) + 1;
            switch (random.below(6)) {
            case 0: model[queue.append(entry("x", Qos::exactly_once))] = Known::waiting; break;
            case 1:
                if (const auto next = queue.next(); next) {
                    ASSERT_EQ(next->entry->sequence, oldest(waits)->first);
                    model[next->entry->sequence] = Known::sent;
                    queue.sent();
                }
                break;
            case 2: {
                const auto found = model.find(any);
                const bool outstanding = found != model.end() && found->second != Known::waiting;
                ASSERT_EQ(queue.done(any).has_value(), outstanding);
                if (outstanding) model.erase(found);
                break;
            }
            case 3: {
                const auto found = model.find(any);
                const bool fresh = found != model.end() && found->second == Known::sent;
                ASSERT_EQ(queue.received(any, 0) != nullptr, fresh);
                if (fresh) found->second = Known::received;
                break;
            }
            case 4: {
                const auto first = oldest(waits);
                const auto dropped = queue.drop_oldest();
                ASSERT_EQ(dropped.has_value(), first != model.end());
                if (dropped) model.erase(first);
                break;
            }
            case 5: {
                queue.resume();
                for (auto& [sequence, state] : model) {
                    if (state == Known::waiting) break;
                    ASSERT_EQ(queue.next()->entry->sequence, sequence) << "seed " << seed;
                    ASSERT_EQ(queue.next()->repeat, state == Known::received ? Repeat::release : Repeat::maybe);
                    queue.sent();
                }
                break;
            }
            }
            ASSERT_EQ(queue.size(), model.size());
        }
    }
}

}  // namespace
}  // namespace junctor
