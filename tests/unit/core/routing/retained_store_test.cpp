#include "core/routing/retained_store.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/seeded_random.hpp"

namespace junctor {
namespace {

using namespace std::chrono_literals;
using test::SeededRandom;

EnvelopePtr value(const std::string& topic, const std::string& payload, Duration at = {}, std::uint16_t core = 0, TenantId tenant = {},
                  std::optional<Duration> ttl = {}) {
    Draft draft;
    draft.topic = *Topic::parse(tenant, topic);
    draft.payload = as_bytes(payload);
    draft.retain = true;
    draft.ttl = ttl;
    return Envelope::make(std::move(draft), {{0, CoreId{core}, 0}, {}, nullptr, TimePoint(at)});
}

std::vector<std::string> found(const RetainedStore& store, const std::string& filter, TimePoint now = {}, TenantId tenant = {}) {
    std::vector<std::string> all;
    store.find(*TopicFilter::parse(tenant, filter), now, [&](const EnvelopePtr& each) {
        all.push_back(std::string(each->topic_text()) + "=" + std::string(as_text(each->payload())));
        return true;
    });
    std::sort(all.begin(), all.end());
    return all;
}

using Texts = std::vector<std::string>;

TEST(RetainedStore, KeepsTheLastValueOfATopic) {
    RetainedStore store(1);
    store.apply(value("a", "1"));
    store.apply(value("b", "2"));
    store.apply(value("a", "3"));
    EXPECT_EQ(found(store, "#"), (Texts{"a=3", "b=2"}));
    EXPECT_EQ(store.size(), 2u);
    store.apply(value("a", ""));
    EXPECT_EQ(found(store, "#"), (Texts{"b=2"}));
    EXPECT_EQ(store.size(), 1u);
}

TEST(RetainedStore, KeepsTenantsApart) {
    RetainedStore store(1);
    store.apply(value("a", "1", {}, 0, TenantId{1}));
    store.apply(value("a", "2", {}, 0, TenantId{2}));
    EXPECT_EQ(found(store, "#", {}, TenantId{2}), Texts{"a=2"});
    EXPECT_EQ(found(store, "#"), Texts{});
}

TEST(RetainedStore, LetsTheLastWriterWinInAnyOrder) {
    std::vector<EnvelopePtr> writes{value("a", "1", 5ns, 0), value("a", "2", 5ns, 1), value("a", "", 6ns, 0), value("a", "4", 7ns, 2),
                                    value("b", "1", 5ns, 0), value("b", "", 8ns, 3), value("c", "x", 1ns, 0), value("c", "y", 1ns, 3)};
    std::sort(writes.begin(), writes.end());
    do {
        RetainedStore store(4);
        for (const EnvelopePtr& each : writes) store.apply(each);
        ASSERT_EQ(found(store, "#"), (Texts{"a=4", "c=y"}));
        ASSERT_EQ(store.size(), 2u);
    } while (std::next_permutation(writes.begin(), writes.end()));
}

TEST(RetainedStore, BoundsWhatItRemembersOfClearings) {
    RetainedStore store(2);
    for (std::size_t i = 0; i < RetainedStore::most_clearings + 10; ++i) store.apply(value("t" + std::to_string(i), "", Duration(10)));
    EXPECT_FALSE(store.apply(value("t4000", "late", 5ns)));
    EXPECT_TRUE(store.apply(value("t0", "too late to know", 5ns)));
    EXPECT_EQ(store.size(), 1u);
}

TEST(RetainedStore, HidesAndSweepsWhatExpired) {
    RetainedStore store(1);
    for (int i = 0; i < 10; ++i) store.apply(value("t" + std::to_string(i), "x", 0ns, 0, TenantId{static_cast<std::uint32_t>(i % 2)}, i % 3 ? 10s : 20s));
    EXPECT_EQ(found(store, "#", TimePoint(5s)).size(), 5u);
    EXPECT_EQ(found(store, "#", TimePoint(15s)).size(), 2u);
    EXPECT_EQ(store.size(), 10u);
    std::size_t gone = 0;
    for (int i = 0; i < 12; ++i) gone += store.sweep(TimePoint(15s), 2);
    EXPECT_EQ(gone, 6u);
    EXPECT_EQ(store.size(), 4u);
    EXPECT_TRUE(store.expiring());
    EXPECT_GT(store.bytes(), 0u);
    for (int i = 0; i < 12; ++i) store.sweep(TimePoint(30s), 2);
    EXPECT_EQ(store.size(), 0u);
    EXPECT_EQ(store.bytes(), 0u);
    EXPECT_FALSE(store.expiring());
}

TEST(RetainedStore, StopsWhenTold) {
    RetainedStore store(1);
    for (int i = 0; i < 10; ++i) store.apply(value("t" + std::to_string(i), "x"));
    int seen = 0;
    store.find(*TopicFilter::parse({}, "#"), {}, [&](const EnvelopePtr&) { return ++seen < 3; });
    EXPECT_EQ(seen, 3);
}

TEST(RetainedStore, FindsWhatTheRuleFinds) {
    const std::vector<std::string> words{"a", "b", "c", "", "a b", "$x", "\xc3\xa9", "aa", "!"};
    const auto text = [&](SeededRandom& random, bool wild) {
        std::string all;
        const std::size_t levels = 1 + random.below(4);
        for (std::size_t i = 0; i < levels; ++i) {
            if (i > 0) all += '/';
            all += wild && random.below(3) == 0 ? "+" : words[random.below(words.size())];
        }
        if (wild && random.below(3) == 0) all += "/#";
        return all.empty() ? std::string(wild ? "#" : "a") : all;
    };
    for (std::uint64_t seed = 1; seed <= 30; ++seed) {
        SeededRandom random(seed);
        RetainedStore store(1);
        std::map<std::string, EnvelopePtr> model;
        for (int i = 0; i < 120; ++i) {
            const std::string topic = text(random, false);
            store.apply(model[topic] = value(topic, std::to_string(i)));
        }
        for (int i = 0; i < 100; ++i) {
            const std::string filter = text(random, true);
            Texts expected;
            for (const auto& [topic, each] : model)
                if (TopicFilter::parse({}, filter)->matches(each->topic())) expected.push_back(topic + "=" + std::string(as_text(each->payload())));
            std::sort(expected.begin(), expected.end());
            ASSERT_EQ(found(store, filter), expected) << "seed " << seed << " filter " << filter;
        }
    }
}

}  // namespace
}  // namespace junctor
