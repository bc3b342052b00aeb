#include "connectors/mqtt/packet_id_table.hpp"

#include <gtest/gtest.h>

#include <map>

#include "tests/support/seeded_random.hpp"

namespace junctor::mqtt {
namespace {

TEST(MqttPacketIdTable, HoldsWhatAMapHolds) {
    test::SeededRandom random(7);
    PacketIdTable<int> table;
    std::map<std::uint16_t, int> model;
    for (int step = 0; step < 200'000; ++step) {
        // Few identifiers that all begin at the same places, so that they push each other along.
        const auto id = static_cast<std::uint16_t>(random.next() % 4 * 1'024 + random.next() % 24 + 1);
        const bool adds = step % 20'000 < 10'000 ? random.next() % 3 != 0 : random.next() % 3 == 0;
        if (!adds) {
            table.erase(id);
            model.erase(id);
        } else if (!model.contains(id)) {
            table.add(id, step);
            model[id] = step;
        }
        ASSERT_EQ(table.size(), model.size());
        const int* found = table.find(id);
        ASSERT_EQ(found != nullptr, model.contains(id));
        if (found) {
            ASSERT_EQ(*found, model[id]);
        }
    }
    for (const auto& [id, value] : model) {
        ASSERT_NE(table.find(id), nullptr);
        EXPECT_EQ(*table.find(id), value);
    }
}

TEST(MqttPacketIdTable, HoldsEveryIdentifierAtOnce) {
    PacketIdTable<std::uint16_t> table;
    for (std::uint32_t id = 65'535; id > 0; --id) table.add(static_cast<std::uint16_t>(id), static_cast<std::uint16_t>(id));
    for (std::uint32_t id = 1; id <= 65'535; ++id) {
        ASSERT_NE(table.find(static_cast<std::uint16_t>(id)), nullptr);
        table.erase(static_cast<std::uint16_t>(id));
    }
    EXPECT_EQ(table.size(), 0U);
    EXPECT_EQ(table.find(1), nullptr);
}

TEST(MqttPacketIdTable, KnowsNothingOf0) {
    PacketIdTable<int> table;
    EXPECT_EQ(table.find(0), nullptr);
    table.erase(5);
    table.add(5, 1);
    EXPECT_EQ(table.find(0), nullptr);
    table.erase(0);
    EXPECT_EQ(table.size(), 1U);
}

}  // namespace
}  // namespace junctor::mqtt
