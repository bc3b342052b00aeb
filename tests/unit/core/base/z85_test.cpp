#include "core/base/z85.hpp"

#include <gtest/gtest.h>

namespace junctor {
namespace {

TEST(Z85, WritesTheExampleOfTheSpecification) {
    const std::uint8_t hello[] = {0x86, 0x4F, 0xD2, 0x6F, 0xB5, 0x59, 0xF7, 0x5B};
    EXPECT_EQ(to_z85(hello), "HelloWorld");
    EXPECT_EQ(to_z85({}), "");
    EXPECT_EQ(to_z85(Bytes(hello).first(3)), "");
}

TEST(Z85, KnowsItsCharacters) {
    EXPECT_TRUE(z85_characters("rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"));
    EXPECT_FALSE(z85_characters("a b"));
    EXPECT_FALSE(z85_characters("a,b"));
}

}  // namespace
}  // namespace junctor
