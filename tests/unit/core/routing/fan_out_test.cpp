#include "core/routing/fan_out.hpp"

#include <gtest/gtest.h>

#include "core/routing/routing_metrics.hpp"
#include "tests/support/fake_session.hpp"

namespace junctor {
namespace {

using test::FakeSession;

class FanOutTest : public ::testing::Test {
protected:
    void add(FakeSession& session, std::initializer_list<std::uint32_t> ids = {}) {
        const auto id_count = static_cast<std::uint16_t>(ids.size());
        const Destination added{&session, session.variant({}), id_count, Qos::at_most_once, Destination::When::always, false};
        entry.destinations.push_back(added);
        entry.subscription_ids.insert(entry.subscription_ids.end(), ids);
    }
    static EnvelopePtr message(const std::string& payload) {
        Draft draft;
        draft.topic = *Topic::parse({}, "a");
        draft.payload = as_bytes(payload);
        return Envelope::make(std::move(draft), {});
    }
    std::int64_t read(Counter of) const { return metrics.read(of.cell); }

    Metrics metrics;
    FanOut fan_out{metrics};
    MatchEntry entry;
    FakeSession first;
    FakeSession second;
    FakeSession third;
};

TEST_F(FanOutTest, EncodesOncePerRunOfOneVariant) {
    third.wire_bits = 7;
    for (FakeSession* each : {&first, &second, &third}) add(*each);
    EXPECT_EQ(fan_out.deliver(entry, message("x")), 3u);
    EXPECT_EQ(first.encodings + second.encodings, 1);
    EXPECT_EQ(third.encodings, 1);
}

TEST_F(FanOutTest, GivesEachItsOwnSubscriptionIds) {
    add(first, {1, 2});
    add(second);
    add(third, {9});
    fan_out.deliver(entry, message("x"));
    EXPECT_EQ(first.deliveries[0].subscription_ids, (std::vector<std::uint32_t>{1, 2}));
    EXPECT_TRUE(second.deliveries[0].subscription_ids.empty());
    EXPECT_EQ(third.deliveries[0].subscription_ids, std::vector<std::uint32_t>{9});
}

TEST_F(FanOutTest, SkipsTheDepartedUntilTheTurnEnds) {
    for (FakeSession* each : {&first, &second, &third}) add(*each);
    first.on_deliver = [&](const Delivery&) { fan_out.departed(second); };
    fan_out.begin();
    fan_out.deliver(entry, message("x"));
    fan_out.end();
    EXPECT_TRUE(second.deliveries.empty());
    EXPECT_EQ(third.deliveries.size(), 1u);
    EXPECT_FALSE(fan_out.busy());
}

TEST_F(FanOutTest, CountsWhatWasTakenAndRefused) {
    add(first);
    add(second);
    second.result = DeliverResult::refused;
    EXPECT_EQ(fan_out.deliver(entry, message("x")), 1u);
    EXPECT_EQ(read(routing_metrics().delivered), 1);
    EXPECT_EQ(read(routing_metrics().dropped_refused), 1);
}

TEST_F(FanOutTest, SharesLargePayloads) {
    add(first);
    const std::string large(10'000, 'x');
    fan_out.deliver(entry, message(large));
    EXPECT_EQ(first.deliveries[0].encoded, large);
}

}  // namespace
}  // namespace junctor
