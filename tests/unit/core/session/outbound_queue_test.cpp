#include "core/session/outbound_queue.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace junctor {
namespace {

Ref<const SharedBytes> block_of(std::string_view text) {
    ByteBuffer bytes;
    append(bytes, text);
    return Ref<const SharedBytes>(new SharedBytes(std::move(bytes)));
}

SharedSlice slice_of(const Ref<const SharedBytes>& block) { return {block->view(), nullptr, block}; }

std::string text_of(const OutboundQueue& queue) {
    std::array<iovec, 4'096> pieces;
    const std::size_t count = queue.gather(pieces.data(), pieces.size());
    std::string text;
    for (std::size_t i = 0; i < count; ++i) text.append(static_cast<const char*>(pieces[i].iov_base), pieces[i].iov_len);
    return text;
}

struct OutboundTest : testing::Test {
    SlabPool pool;
    OutboundQueue queue;
};

TEST_F(OutboundTest, AtRestItHoldsNothing) {
    EXPECT_LE(sizeof(OutboundQueue), 4 * sizeof(void*));
    EXPECT_EQ(pool.cached(), 0U);
    EXPECT_TRUE(queue.empty());
    EXPECT_EQ(queue.size(), 0U);
    iovec piece;
    EXPECT_EQ(queue.gather(&piece, 1), 0U);
    queue.append(pool, Bytes{});
    EXPECT_TRUE(queue.empty());
}

TEST_F(OutboundTest, SmallPiecesBecomeOnePiece) {
    for (int i = 0; i < 10; ++i) queue.append(pool, as_bytes("abc"));
    std::array<iovec, 8> pieces;
    EXPECT_EQ(queue.gather(pieces.data(), pieces.size()), 1U);
    EXPECT_EQ(queue.size(), 30U);
    EXPECT_EQ(text_of(queue).substr(0, 6), "abcabc");
}

TEST_F(OutboundTest, ALargeOwnedTailIsSharedAndReleasedWhenConsumed) {
    const auto block = block_of(std::string(1'000, 'x'));
    queue.append(pool, as_bytes("he"), as_bytes("ad"), slice_of(block));
    std::array<iovec, 8> pieces;
    ASSERT_EQ(queue.gather(pieces.data(), pieces.size()), 2U);
    EXPECT_EQ(pieces[1].iov_base, block->view().data());
    EXPECT_EQ(queue.size(), 1'004U);
    queue.consume(pool, 4 + 999);
    EXPECT_EQ(text_of(queue), "x");
    queue.consume(pool, 1);
    EXPECT_TRUE(queue.empty());
}

TEST_F(OutboundTest, ASmallOrUnownedTailIsCopied) {
    std::string passing(1'000, 'y');
    queue.append(pool, {}, {}, SharedSlice{as_bytes(passing), nullptr, nullptr});
    queue.append(pool, {}, {}, slice_of(block_of("small")));
    passing.assign(1'000, '!');
    EXPECT_EQ(text_of(queue), std::string(1'000, 'y') + "small");
}

TEST_F(OutboundTest, GatherStopsAtItsLimitAndStartsBehindWhatWasConsumed) {
    const auto block = block_of(std::string(300, 'b'));
    for (int i = 0; i < 5; ++i) queue.append(pool, as_bytes("a"), {}, slice_of(block));
    std::array<iovec, 3> pieces;
    EXPECT_EQ(queue.gather(pieces.data(), pieces.size()), 3U);
    queue.consume(pool, 1 + 100);
    ASSERT_EQ(queue.gather(pieces.data(), pieces.size()), 3U);
    EXPECT_EQ(pieces[0].iov_len, 200U);
}

TEST_F(OutboundTest, MemoryGoesBackToThePoolAsItDrains) {
    queue.append(pool, as_bytes(std::string(100'000, 'z')));
    EXPECT_EQ(pool.cached(), 0U);
    queue.consume(pool, 50'000);
    EXPECT_GT(pool.cached(), 30'000U);
    queue.clear(pool);
    EXPECT_GT(pool.cached(), 90'000U);
    const std::size_t before = pool.cached();
    queue.append(pool, as_bytes(std::string(100'000, 'z')));
    EXPECT_LT(pool.cached(), before - 90'000U);
}

TEST_F(OutboundTest, ThePoolKeepsNoMoreThanItsLimit) {
    SlabPool tight(SlabPool::large_bytes);
    queue.append(tight, as_bytes(std::string(100'000, 'z')));
    queue.clear(tight);
    EXPECT_LE(tight.cached(), SlabPool::large_bytes);
}

TEST_F(OutboundTest, AMovedQueueTakesItsBytesAlong) {
    queue.append(pool, as_bytes("kept"));
    OutboundQueue other = std::move(queue);
    EXPECT_TRUE(queue.empty());
    EXPECT_EQ(text_of(other), "kept");
}

TEST_F(OutboundTest, AgreesWithAStringUnderRandomUse) {
    std::mt19937 random(1);
    const auto block = block_of(std::string(700, 's'));
    std::string expected;
    for (int step = 0; step < 5'000; ++step) {
        const std::string text(random() % 90, static_cast<char>('a' + random() % 26));
        const bool share = random() % 3 == 0;
        queue.append(pool, as_bytes(text), as_bytes("-"), share ? slice_of(block) : SharedSlice{});
        expected += text + "-" + (share ? std::string(700, 's') : "");
        const std::size_t count = random() % 4 == 0 ? expected.size() : random() % (expected.size() + 1);
        ASSERT_EQ(queue.size(), expected.size());
        ASSERT_TRUE(step % 16 != 0 || text_of(queue) == expected);
        if (random() % 2 == 0) {
            queue.consume(pool, count);
            expected.erase(0, count);
        }
    }
}

}  // namespace
}  // namespace junctor
