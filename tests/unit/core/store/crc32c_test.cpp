#include "core/store/crc32c.hpp"

#include <gtest/gtest.h>

#include "tests/support/seeded_random.hpp"

namespace junctor {
namespace {

// RFC 3720 appendix B.4, and the check value of the CRC catalogues.
TEST(Crc32c, KnownAnswers) {
    EXPECT_EQ(Crc32c().value(), 0U);
    EXPECT_EQ(Crc32c().add(as_bytes("123456789")).value(), 0xe3069283U);
    EXPECT_EQ(Crc32c().add(ByteBuffer(32, 0x00)).value(), 0x8a9136aaU);
    EXPECT_EQ(Crc32c().add(ByteBuffer(32, 0xff)).value(), 0x62a8ab43U);
}

TEST(Crc32c, TheInstructionAndTheTableAgreeHoweverTheBytesAreCut) {
    test::SeededRandom random(1);
    for (int round = 0; round < 500; ++round) {
        ByteBuffer bytes(random.below(100));
        for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random.next());
        const std::size_t cut = random.below(bytes.size() + 1);
        const std::uint32_t pieces = Crc32c().add(Bytes(bytes).first(cut)).add(Bytes(bytes).subspan(cut)).value();
        EXPECT_EQ(pieces, crc32c_by_table(bytes));
    }
}

}  // namespace
}  // namespace junctor
