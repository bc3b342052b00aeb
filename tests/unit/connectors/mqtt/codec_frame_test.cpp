#include <gtest/gtest.h>

#include "tests/unit/connectors/mqtt/bytes.hpp"

namespace junctor::mqtt {
namespace {

using wire::hex;

TEST(MqttFrame, ReadsTheFixedHeaderOfEveryLengthClass) {
    for (const std::uint32_t size : {0U, 1U, 127U, 128U, 16'383U, 16'384U, 2'097'151U, 2'097'152U, max_remaining_length}) {
        ByteBuffer bytes{0x30, 0, 0, 0, 0};
        const std::uint8_t written = write_variable(size, bytes.data() + 1);
        EXPECT_EQ(written, variable_size(size));
        FrameHead head;
        ASSERT_EQ(read_head(bytes, head), HeadState::complete);
        EXPECT_EQ(head.remaining, size);
        EXPECT_EQ(head.size, 1 + written);
        EXPECT_EQ(head.packet_size(), std::size_t{1} + written + size);
        for (std::size_t cut = 0; cut <= written; ++cut) EXPECT_EQ(read_head(Bytes(bytes).first(cut), head), HeadState::incomplete);
    }
}

TEST(MqttFrame, Threat15RefusesALengthOfMoreThanFourBytes) {
    FrameHead head;
    EXPECT_EQ(read_head(hex("10 FFFFFFFF7F"), head), HeadState::malformed);
    EXPECT_EQ(read_head(hex("10 FFFFFFFF"), head), HeadState::malformed);
    EXPECT_EQ(read_head(hex("10 FFFFFF"), head), HeadState::incomplete);
}

TEST(MqttFrame, SplitsTypeAndFlags) {
    FrameHead head;
    ASSERT_EQ(read_head(hex("3B 00"), head), HeadState::complete);
    EXPECT_EQ(head.type(), PacketType::publish);
    EXPECT_EQ(head.flags(), 0x0B);
}

}  // namespace
}  // namespace junctor::mqtt
