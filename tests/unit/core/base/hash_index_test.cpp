#include "core/base/hash_index.hpp"

#include <gtest/gtest.h>

#include <map>

#include "tests/support/seeded_random.hpp"

namespace junctor {
namespace {

TEST(HashIndex, AgreesWithAMapThroughRandomChanges) {
    test::SeededRandom random(11);
    HashIndex index;
    std::map<std::uint32_t, bool> model;
    const auto hash_of = [](std::uint32_t number) { return number % 97 * 0x1000'0001U; };  // many collide
    for (int step = 0; step < 50'000; ++step) {
        const auto number = static_cast<std::uint32_t>(1 + random.below(500));
        bool& held = model[number];
        held ? index.remove(hash_of(number), number) : index.add(hash_of(number), number);
        held = !held;
        const auto asked = static_cast<std::uint32_t>(1 + random.below(500));
        const std::uint32_t found = index.find(hash_of(asked), [&](std::uint32_t each) { return each == asked; });
        ASSERT_EQ(found, model[asked] ? asked : 0u);
    }
}

TEST(HashIndex, IsEmptyAtFirst) {
    const HashIndex index;
    EXPECT_EQ(index.find(1, [](std::uint32_t) { return true; }), 0u);
    EXPECT_EQ(index.size(), 0u);
}

}  // namespace
}  // namespace junctor
