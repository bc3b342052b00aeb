#include "connectors/matrix/positions.hpp"

#include <gtest/gtest.h>

namespace junctor::matrix {
namespace {

TEST(MatrixPositions, GoOnWhenAllOfASpanIsKept) {
    Positions positions;
    positions.begin("one", true);
    const auto first = positions.expect(), second = positions.expect();
    positions.complete();
    positions.kept(second);
    EXPECT_FALSE(positions.advance());
    EXPECT_EQ(positions.reached(), "");
    positions.kept(first);
    EXPECT_TRUE(positions.advance());
    EXPECT_EQ(positions.reached(), "one");
}

// A message that is kept at once must not end the span that others of it are yet to come in.
TEST(MatrixPositions, WaitForWhatIsStillToComeInTheSpan) {
    Positions positions;
    positions.begin("one", true);
    positions.kept(positions.expect());
    EXPECT_FALSE(positions.advance());
    const auto late = positions.expect();
    positions.complete();
    EXPECT_FALSE(positions.advance());
    positions.kept(late);
    EXPECT_TRUE(positions.advance());
    EXPECT_EQ(positions.reached(), "one");
}

TEST(MatrixPositions, DoNotPassASpanThatIsNotKept) {
    Positions positions;
    positions.begin("one", true);
    const auto held = positions.expect();
    positions.complete();
    positions.begin("two", false);
    positions.complete();
    EXPECT_FALSE(positions.advance());
    positions.kept(held);
    positions.kept(held);
    EXPECT_TRUE(positions.advance());
    EXPECT_EQ(positions.reached(), "two");
}

TEST(MatrixPositions, AForgottenSpanHoldsNobodyUp) {
    Positions positions;
    positions.begin("1", true);
    const std::uint64_t lost = positions.expect();
    positions.complete();
    positions.begin("2", true);
    positions.complete();
    EXPECT_FALSE(positions.advance());
    positions.forget("1");
    EXPECT_TRUE(positions.advance());
    EXPECT_EQ(positions.reached(), "2");
    positions.kept(lost);
    positions.forget("3");
    EXPECT_FALSE(positions.advance());
}

}  // namespace
}  // namespace junctor::matrix
