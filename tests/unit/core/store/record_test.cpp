#include "core/store/record.hpp"

#include <gtest/gtest.h>

#include <string>

namespace junctor {
namespace {

ByteBuffer sealed(std::string_view key, std::string_view text) {
    ByteBuffer value(text.begin(), text.end());
    seal(as_bytes(key), value);
    return value;
}

TEST(Record, ComesBackAsItWas) {
    for (const std::string& text : {std::string(), std::string("x"), std::string(70'000, 'y')}) {
        const ByteBuffer value = sealed("key", text);
        EXPECT_EQ(value.size(), text.size() + seal_bytes);
        const auto body = unseal(as_bytes("key"), value);
        ASSERT_TRUE(body);
        EXPECT_EQ(as_text(*body), text);
    }
}

// Worked out bit by bit with the polynomial of RFC 3720 section 12.1, over "1234", "5678" and the version.
TEST(Record, TheChecksumIsCrc32cOverKeyBodyAndVersion) {
    EXPECT_EQ(sealed("1234", "5678"), (ByteBuffer{'5', '6', '7', '8', 1, 0x59, 0x3c, 0x83, 0xfd}));
}

TEST(Record, EveryFlippedBitIsFound) {
    const ByteBuffer value = sealed("key", "a stored value");
    for (std::size_t bit = 0; bit < value.size() * 8; ++bit) {
        ByteBuffer flipped = value;
        flipped[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
        EXPECT_FALSE(unseal(as_bytes("key"), flipped)) << bit;
    }
}

TEST(Record, AValueUnderAnothersKeyIsFound) {
    const ByteBuffer value = sealed("key", "value");
    EXPECT_FALSE(unseal(as_bytes("kez"), value));
    EXPECT_FALSE(unseal({}, value));
}

TEST(Record, EveryShorterValueIsFound) {
    const ByteBuffer value = sealed("key", "value");
    for (std::size_t size = 0; size < value.size(); ++size) EXPECT_FALSE(unseal(as_bytes("key"), Bytes(value).first(size))) << size;
}

}  // namespace
}  // namespace junctor
