#include "core/runtime/system_random.hpp"

#include <gtest/gtest.h>

#include <set>

namespace junctor {
namespace {

TEST(SystemRandom, NeverRepeatsOverSeveralBlocks) {
    SystemRandom random;
    SystemRandom other;
    std::set<std::uint64_t> numbers;
    for (int i = 0; i < 500; ++i) {
        numbers.insert(random.next());
        numbers.insert(other.next());
    }
    EXPECT_EQ(numbers.size(), 1'000U);
    EXPECT_FALSE(numbers.contains(0));
}

}  // namespace
}  // namespace junctor
