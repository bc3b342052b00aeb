#include "core/session/outbox.hpp"

#include <gtest/gtest.h>

#include "core/observe/metrics.hpp"
#include "core/ports/template.hpp"
#include "tests/support/fake_queue_share.hpp"

namespace junctor {
namespace {

using namespace std::chrono_literals;

class OutboxTest : public ::testing::Test {
protected:
    static EnvelopePtr message(std::string_view payload, std::optional<Duration> ttl = {}) {
        Draft draft;
        draft.topic = *Topic::parse({}, "t");
        draft.payload = as_bytes(payload);
        draft.ttl = ttl;
        return Envelope::make(std::move(draft), {});
    }

    DeliverResult push(std::string_view payload, Qos qos = Qos::at_most_once, std::optional<Duration> ttl = {}) {
        const EnvelopePtr envelope = message(payload, ttl);
        const Template encoded{};
        return outbox.push({envelope, encoded, qos, false, ids}, limit, metrics, false, share);
    }

    std::string pump(std::size_t most = 1'000, TimePoint now = {}) {
        std::string seen;
        outbox.pump(now, metrics, [&](const Outbox::Item& item) {
            if (most == 0) return false;
            --most;
            seen += as_text(item.envelope->payload());
            return true;
        });
        return seen;
    }

    Outbox outbox;
    Metrics metrics;
    std::size_t limit = 1 << 20;
    std::vector<std::uint32_t> ids;
    Ref<QueueShare> share;
};

TEST_F(OutboxTest, CostsOnePointer) { EXPECT_EQ(sizeof(Outbox), sizeof(void*)); }

TEST_F(OutboxTest, KeepsOrderAcrossPumps) {
    EXPECT_TRUE(outbox.empty());
    for (const char* payload : {"a", "b", "c", "d"}) EXPECT_EQ(push(payload), DeliverResult::queued);
    EXPECT_EQ(outbox.size(), 4u);
    EXPECT_EQ(pump(2), "ab");
    EXPECT_FALSE(outbox.empty());
    push("e");
    EXPECT_EQ(pump(), "cde");
    EXPECT_TRUE(outbox.empty());
    EXPECT_EQ(outbox.bytes(), 0u);
}

TEST_F(OutboxTest, DropsTheOldestQos0AtTheLimit) {
    push("a", Qos::at_least_once);
    push("b");
    push("c");
    limit = outbox.bytes();
    EXPECT_EQ(push("d"), DeliverResult::dropped_oldest);
    EXPECT_EQ(push("e", Qos::at_least_once), DeliverResult::dropped_oldest);
    EXPECT_EQ(pump(), "ade");
}

TEST_F(OutboxTest, RefusesQos1WhenNothingCanGo) {
    push("a", Qos::at_least_once);
    push("b", Qos::exactly_once);
    limit = outbox.bytes();
    EXPECT_EQ(push("c", Qos::at_least_once), DeliverResult::refused);
    EXPECT_EQ(push("d"), DeliverResult::dropped_oldest) << "a QoS 0 is then itself the oldest that may go";
    EXPECT_EQ(pump(), "ab");
}

TEST_F(OutboxTest, OfAHistoryNothingGoesWhereTheClientCountsOnAll) {
    limit = 3 * (message("kept")->footprint() + 100);
    const auto push_kept = [&](bool whole_history) {
        const EnvelopePtr envelope = message("kept");
        envelope->place_in_history({1, 1});
        const Template encoded{};
        return outbox.push({envelope, encoded, Qos::at_most_once, false, ids}, limit, metrics, whole_history);
    };
    push("live");
    while (push_kept(true) == DeliverResult::queued) {
    }
    EXPECT_EQ(push_kept(true), DeliverResult::refused) << "what no history keeps has gone before";
    EXPECT_EQ(pump(1), "kept");
    EXPECT_EQ(push_kept(true), DeliverResult::queued);
    pump();
    while (push_kept(false) == DeliverResult::queued) {
    }
    EXPECT_EQ(push_kept(false), DeliverResult::dropped_oldest);
}

TEST_F(OutboxTest, TakesNothingLargerThanTheLimit) {
    limit = 50;
    EXPECT_EQ(push("a"), DeliverResult::dropped_oldest);
    EXPECT_EQ(push("a", Qos::at_least_once), DeliverResult::refused);
    EXPECT_TRUE(outbox.empty());
}

TEST_F(OutboxTest, DropsWhatHasExpired) {
    push("a", Qos::at_least_once, 5s);
    push("b");
    EXPECT_EQ(pump(10, TimePoint(5s)), "b");
    EXPECT_TRUE(outbox.empty());
}

TEST_F(OutboxTest, KeepsSubscriptionIds) {
    ids = {3, 9};
    push("a");
    outbox.pump({}, metrics, [&](const Outbox::Item& item) {
        EXPECT_EQ(std::vector<std::uint32_t>(item.subscription_ids.begin(), item.subscription_ids.end()), ids);
        return true;
    });
}

TEST_F(OutboxTest, SurvivesPushesFromWithinAPump) {
    push("a");
    push("b");
    limit = outbox.bytes();
    std::string seen;
    outbox.pump({}, metrics, [&](const Outbox::Item& item) {
        seen += as_text(item.envelope->payload());
        if (seen.size() < 5) push("x");
        return seen.size() != 2;
    });
    EXPECT_EQ(seen, "ab");
    EXPECT_EQ(pump(), "bxx") << "the refused one stays first";
}

TEST_F(OutboxTest, StaysWithinItsLimitUnderLoad) {
    limit = 10'000;
    for (int i = 0; i < 10'000; ++i) {
        push("payload", i % 50 ? Qos::at_most_once : Qos::at_least_once);
        ASSERT_LE(outbox.bytes(), limit);
    }
}

TEST_F(OutboxTest, CountsInItsSessionsShareUntilItIsEmpty) {
    push("before there was one");
    const Ref<test::FakeQueueShare> counted(new test::FakeQueueShare(10'000));
    share = counted;
    push("a");
    EXPECT_EQ(counted->used, static_cast<std::int64_t>(outbox.bytes()));
    pump(1);
    EXPECT_EQ(counted->used, static_cast<std::int64_t>(outbox.bytes()));
    EXPECT_GT(counted->used, 0);
    pump();
    EXPECT_EQ(counted->used, 0);
    push("b");
    outbox.clear();
    EXPECT_EQ(counted->used, 0);
    EXPECT_EQ(counted->excesses, 0);
}

TEST_F(OutboxTest, AFullShareIsALimitLikeItsOwn) {
    const Ref<test::FakeQueueShare> counted(new test::FakeQueueShare(10'000));
    share = counted;
    push("a");
    push("b", Qos::at_least_once);
    counted->used += 10'000;  // somebody else of the same principal
    EXPECT_EQ(push("c"), DeliverResult::dropped_oldest);
    EXPECT_EQ(push("d", Qos::at_least_once), DeliverResult::dropped_oldest);
    EXPECT_EQ(push("e", Qos::at_least_once), DeliverResult::refused);
    EXPECT_EQ(push("f"), DeliverResult::dropped_oldest) << "and was not kept itself";
    EXPECT_EQ(counted->excesses, 4);
    counted->used -= 10'000;
    EXPECT_EQ(push("g"), DeliverResult::queued);
    EXPECT_EQ(pump(), "bdg");
    limit = 50;
    EXPECT_EQ(push("h", Qos::at_least_once), DeliverResult::refused);
    EXPECT_EQ(counted->excesses, 4) << "its own limit was in the way";
}

TEST_F(OutboxTest, HandsBackWhatAGroupSent) {
    const Ref<const SharedGroup> group(new SharedGroup(*TopicFilter::parse({}, "$share/g/t")));
    const Template encoded{};
    push("own", Qos::at_least_once);
    for (const Qos qos : {Qos::at_most_once, Qos::at_least_once, Qos::exactly_once}) {
        const EnvelopePtr envelope = message(std::to_string(static_cast<int>(qos)));
        outbox.push({envelope, encoded, qos, false, {}, 0, Repeat::no, group.get()}, limit, metrics);
    }
    const std::vector<HandedBack> back = outbox.hand_back();
    EXPECT_TRUE(outbox.empty());
    ASSERT_EQ(back.size(), 2u);
    EXPECT_EQ(as_text(back[0].envelope->payload()), "1");
    EXPECT_EQ(as_text(back[1].envelope->payload()), "2");
    EXPECT_EQ(back[0].group, group);
}

}  // namespace
}  // namespace junctor
