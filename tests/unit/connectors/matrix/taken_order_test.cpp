#include "connectors/matrix/taken_order.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace junctor::matrix {
namespace {

using namespace std::chrono_literals;

class MatrixTakenOrder : public ::testing::Test {
protected:
    MatrixTakenOrder() { order.begin(100); }

    static OrderMark mark(std::uint64_t number, const std::string& chain = "c") { return {chain, number, "$" + std::to_string(number - 1)}; }
    void take(std::uint64_t number, const std::string& chain = "c", std::int64_t at_ms = 200) { order.take("!r", mark(number, chain), at_ms, now); }
    bool gap(std::uint64_t number, const std::string& chain = "c", const char* room = "!r") const { return order.gap(room, mark(number, chain)); }
    bool unseen(std::uint64_t number, std::int64_t at_ms = 200, const std::string& chain = "c") const { return order.unseen("!r", mark(number, chain), at_ms); }

    TakenOrder order;
    TimePoint now{};
};

TEST_F(MatrixTakenOrder, OneAfterTheOtherHasNoGap) {
    EXPECT_FALSE(order.gap("!r", {"c", 1}));
    take(1);
    EXPECT_FALSE(gap(2));
    take(2);
    EXPECT_TRUE(gap(4));
    EXPECT_TRUE(unseen(3));
    take(4);
    EXPECT_FALSE(gap(3)) << "it is late, and comes all the same";
    take(3);
    EXPECT_FALSE(gap(5)) << "a late one moves nothing";
}

TEST_F(MatrixTakenOrder, WhatCannotBeAskedForIsNoGap) { EXPECT_FALSE(order.gap("!r", {"c", 7})); }

TEST_F(MatrixTakenOrder, RoomsAndChainsAreApart) {
    take(7);
    EXPECT_TRUE(gap(8, "d"));
    EXPECT_TRUE(gap(8, "c", "!other"));
    EXPECT_FALSE(gap(8));
}

TEST_F(MatrixTakenOrder, OfAnUnknownChainOnlyWhatIsLaterThanTheBeginning) {
    EXPECT_TRUE(gap(7));
    EXPECT_TRUE(unseen(6, 101));
    EXPECT_FALSE(unseen(6, 100));
}

TEST_F(MatrixTakenOrder, AFloodOfChainsLosesTheOldestAndIsNotFollowedBack) {
    take(7, "first", 300);
    for (std::size_t i = 0; i < TakenOrder::most_chains; ++i) take(1, "flood " + std::to_string(i), 150);
    EXPECT_TRUE(gap(8, "first"));
    EXPECT_FALSE(unseen(7, 300, "first")) << "it may have been taken";
    EXPECT_TRUE(unseen(8, 301, "first"));
    EXPECT_FALSE(gap(2, "flood 63"));
}

TEST_F(MatrixTakenOrder, WhoIsSilentForLongIsForgotten) {
    take(7, "first", 300);
    now += 61min;
    take(1, "second", 250);
    EXPECT_FALSE(unseen(7, 300, "first"));
    EXPECT_TRUE(gap(8, "first"));
    EXPECT_FALSE(gap(2, "second"));
}

TEST_F(MatrixTakenOrder, WhatWasTakenEarlyIsKnownOnce) {
    order.took_early("!r", mark(3), "$3");
    EXPECT_TRUE(order.was_early("$3"));
    EXPECT_FALSE(order.was_early("$3"));
    for (std::uint64_t i = 0; i <= TakenOrder::most_early; ++i) order.took_early("!r", mark(i + 1), "$" + std::to_string(i));
    EXPECT_FALSE(order.was_early("$0")) << "bounded";
    EXPECT_TRUE(order.was_early("$1"));
}

TEST_F(MatrixTakenOrder, WhatCouldNotBeKeptIsMissingAgain) {
    take(1);
    for (const std::uint64_t number : {2U, 3U}) {
        order.took_early("!r", mark(number), "$" + std::to_string(number));
        take(number);
    }
    take(4);
    order.undo("!r", mark(4));
    EXPECT_TRUE(unseen(2));
    EXPECT_FALSE(unseen(1));
    EXPECT_TRUE(gap(4));
    EXPECT_FALSE(order.was_early("$3"));
    order.undo("!r", mark(9, "nobody's"));
    EXPECT_TRUE(unseen(2));
}

TEST_F(MatrixTakenOrder, ALaterRunKnowsIt) {
    take(7);
    order.took_early("!r", mark(6), "$6");
    TakenOrder later;
    EXPECT_FALSE(later.begun());
    later.restore(nlohmann::json::parse(order.dump(now)), now);
    EXPECT_TRUE(later.begun());
    EXPECT_FALSE(later.gap("!r", mark(8)));
    EXPECT_TRUE(later.unseen("!r", mark(5, "d"), 101));
    EXPECT_FALSE(later.unseen("!r", mark(5, "d"), 100));
    EXPECT_TRUE(later.was_early("$6"));
}

TEST_F(MatrixTakenOrder, WhatIsNoSuchTextSaysNothing) {
    TakenOrder later;
    for (const char* each : {"1", "[]", "null", R"("x")"}) later.restore(nlohmann::json::parse(each), now);
    EXPECT_FALSE(later.begun());
    later.restore(nlohmann::json::parse(R"({"before":-1,"chains":[1,{},{"room":1,"chain":"c","number":"x","at":18446744073709551615}],"early":[1,{}]})"), now);
    EXPECT_TRUE(later.begun());
    EXPECT_FALSE(later.was_early(""));
}

}  // namespace
}  // namespace junctor::matrix
