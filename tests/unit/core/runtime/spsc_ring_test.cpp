#include "core/runtime/spsc_ring.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <thread>
#include <vector>

namespace junctor {
namespace {

TEST(SpscRing, TakesWhatFitsAndKeepsOrder) {
    SpscRing<int> ring(4);
    std::vector<int> items{1, 2, 3, 4, 5, 6};
    EXPECT_EQ(ring.push(items), 4U);
    EXPECT_FALSE(ring.empty());
    std::vector<int> got;
    EXPECT_EQ(ring.drain([&](int&& item) { got.push_back(item); }), 4U);
    EXPECT_EQ(got, (std::vector<int>{1, 2, 3, 4}));
    EXPECT_TRUE(ring.empty());
    EXPECT_EQ(ring.push(std::span(items).subspan(4)), 2U);
    ring.drain([&](int&& item) { got.push_back(item); });
    EXPECT_EQ(got, items);
}

TEST(SpscRing, DestroysWhatNobodyTook) {
    const auto watched = std::make_shared<int>(1);
    {
        SpscRing<std::shared_ptr<int>> ring(8);
        std::vector<std::shared_ptr<int>> items(3, watched);
        ring.push(items);
        EXPECT_EQ(watched.use_count(), 4);
    }
    EXPECT_EQ(watched.use_count(), 1);
}

TEST(SpscRing, CarriesEverythingInOrderBetweenTwoThreads) {
    constexpr int total = 200'000;
    SpscRing<int> ring(64);
    std::thread sender([&] {
        for (int next = 0; next < total;) {
            std::vector<int> items;
            for (int i = next; i < std::min(next + 50, total); ++i) items.push_back(i);
            next += static_cast<int>(ring.push(items));
        }
    });
    int expected = 0;
    bool ordered = true;
    while (expected < total) ring.drain([&](int&& item) { ordered = ordered && item == expected++; });
    sender.join();
    EXPECT_TRUE(ordered);
}

}  // namespace
}  // namespace junctor
