#include "connectors/zeromq/zap_users.hpp"

#include <gtest/gtest.h>

#include "tests/support/test_vouching.hpp"

namespace junctor::zeromq {
namespace {

using namespace std::chrono_literals;

PrincipalRef somebody(const char* name, std::shared_ptr<Vouching> vouching = nullptr, const char* group = "staff") {
    const Ref<Principal> principal(new Principal({}, name));
    principal->groups = {group};
    principal->vouching = std::move(vouching);
    return principal;
}

class ZeromqZapUsers : public ::testing::Test {
protected:
    TimePoint now = TimePoint() + 1h;
    ZapUsers users{3};
};

TEST_F(ZeromqZapUsers, EachVouchingHasANumber) {
    const std::string ann = users.enter(somebody("ann"), now);
    EXPECT_EQ(number_in(users.enter(somebody("ann"), now)), number_in(ann));
    EXPECT_NE(number_in(users.enter(somebody("ann", nullptr, "guests"), now)), number_in(ann));
    EXPECT_NE(number_in(users.enter(somebody("ann", std::make_shared<test::TestVouching>()), now)), number_in(ann));
    EXPECT_EQ(users.find(ann, now)->groups.front(), "staff");
    EXPECT_EQ(users.find("", now), nullptr);
    EXPECT_EQ(users.find("17", now), nullptr);
}

TEST_F(ZeromqZapUsers, EachConnectionHasAName) {
    const std::string one = users.enter(somebody("ann"), now), other = users.enter(somebody("ann"), now);
    EXPECT_NE(one, other);
    EXPECT_EQ(users.find(one, now), users.find(other, now));
}

TEST_F(ZeromqZapUsers, ANameSaysWhenItWasGiven) {
    EXPECT_EQ(users.named(), 0U);
    for (const std::uint64_t number : {1U, 2U, 3U}) {
        EXPECT_EQ(connection_in(users.enter(somebody(number == 2 ? "bob" : "ann"), now)), number);
        EXPECT_EQ(users.named(), number);
    }
    EXPECT_EQ(connection_in(""), 0U);
}

TEST_F(ZeromqZapUsers, WhoWasLookedForLongestAgoGoes) {
    const std::string ann = users.enter(somebody("ann"), now), bob = users.enter(somebody("bob"), now), cid = users.enter(somebody("cid"), now);
    users.find(ann, now);
    users.enter(somebody("bob"), now);
    const std::string dan = users.enter(somebody("dan"), now);
    EXPECT_EQ(users.size(), 3U);
    EXPECT_EQ(users.find(cid, now), nullptr);
    for (const std::string& number : {ann, bob, dan}) EXPECT_NE(users.find(number, now), nullptr);
    EXPECT_NE(number_in(users.enter(somebody("cid"), now)), number_in(cid)) << "no number comes twice";
}

TEST_F(ZeromqZapUsers, WhatWasSaidLongAgoIsInDoubt) {
    const auto vouching = std::make_shared<test::TestVouching>();
    const std::string number = users.enter(somebody("ann", vouching), now);
    EXPECT_NE(users.find(number, now + 9s), nullptr);
    EXPECT_FALSE(vouching->doubted());
    EXPECT_NE(users.find(number, now + 10s), nullptr);
    EXPECT_TRUE(vouching->doubted());
    vouching->trust();
    users.find(number, now + 19s);
    EXPECT_FALSE(vouching->doubted()) << "asked a moment ago";
}

}  // namespace
}  // namespace junctor::zeromq
