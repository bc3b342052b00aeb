#include "core/runtime/endpoint.hpp"

#include <gtest/gtest.h>

namespace junctor {
namespace {

std::uint16_t accepted_at(std::uint16_t port) { return Endpoint(Address{"127.0.0.1", port}, nullptr).accepted.cell; }

// A cell is for ever: an unbounded number of addresses would leave none to anybody else.
TEST(Endpoint, AddressesBehindTheFirst64AreCountedTogether) {
    const std::uint16_t first = accepted_at(1);
    for (std::uint16_t port = 2; port < 400; ++port) accepted_at(port);
    EXPECT_EQ(accepted_at(1), first) << "an address that comes back goes on";
    EXPECT_NE(accepted_at(1), accepted_at(2));
    EXPECT_EQ(accepted_at(398), accepted_at(399));
    EXPECT_NE(accepted_at(399), 0) << "0 is where counts are lost";
    EXPECT_NE(counter("junctor_test_total", "Made after all of them").cell, 0);
}

}  // namespace
}  // namespace junctor
