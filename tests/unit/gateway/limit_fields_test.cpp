#include "gateway/limit_fields.hpp"

#include <gtest/gtest.h>

#include "core/config/load.hpp"

namespace junctor {
namespace {

TEST(LimitFields, DefaultsAreThoseOfTheStruct) { EXPECT_EQ(read_limits(config::load_defaults(limit_fields())), Limits{}); }

TEST(LimitFields, EveryLimitCanBeSet) {
    std::string text;
    for (const config::Field& field : limit_fields()) {
        switch (field.type) {
        case config::Type::size: text += field.name + ": 1MiB\n"; break;
        case config::Type::duration: text += field.name + ": 77s\n"; break;
        case config::Type::choice: text += field.name + ": " + field.choices.back() + "\n"; break;
        default: text += field.name + ": 77\n";
        }
    }
    const Limits limits = read_limits(config::load_text(text, limit_fields(), {"test", {}}));
    EXPECT_EQ(limits.packet, 1U << 20);
    EXPECT_EQ(limits.nesting, 77U);
    EXPECT_EQ(limits.drain_timeout, std::chrono::seconds(77));
    EXPECT_EQ(limits.offline_overflow, Overflow::refuse_new);
    EXPECT_EQ(limit_fields().size(), 25U);
}

}  // namespace
}  // namespace junctor
