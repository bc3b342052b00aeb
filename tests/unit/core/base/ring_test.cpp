#include "core/base/ring.hpp"

#include <gtest/gtest.h>

#include <deque>

#include "tests/support/seeded_random.hpp"

namespace junctor {
namespace {

TEST(Ring, AgreesWithADeque) {
    test::SeededRandom random(3);
    Ring<std::unique_ptr<int>> ring;
    std::deque<int> model;
    for (int step = 0; step < 20'000; ++step) {
        const bool growing = step / 1'000 % 2 == 0;
        if (random.below(3) < (growing ? 2u : 1u)) {
            ring.push_back(std::make_unique<int>(step));
            model.push_back(step);
        } else if (!model.empty()) {
            ASSERT_EQ(*ring.pop_front(), model.front());
            model.pop_front();
        }
        ASSERT_EQ(ring.size(), model.size());
        if (model.empty()) continue;
        const std::size_t index = random.below(model.size());
        ASSERT_EQ(*ring[index], model[index]);
        ASSERT_EQ(*ring.back(), model.back());
    }
}

TEST(Ring, MovesAway) {
    Ring<int> from;
    from.push_back(1);
    Ring<int> to(std::move(from));
    EXPECT_EQ(to.front(), 1);
    EXPECT_TRUE(from.empty());
    from.push_back(2);
    EXPECT_EQ(from.front(), 2);
}

}  // namespace
}  // namespace junctor
