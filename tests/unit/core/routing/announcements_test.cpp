#include "core/routing/announcements.hpp"

#include <gtest/gtest.h>

#include "tests/support/lone_core.hpp"

namespace junctor {
namespace {

using namespace std::chrono_literals;
using Texts = std::vector<std::string>;

class AnnouncementsTest : public ::testing::Test {
protected:
    void add(std::string what, Duration lasts = 1h) { announcements.add({std::move(what), {}, it.core.now() + lasts}); }
    Texts take() { return std::exchange(sent, {}); }

    test::LoneCore it;
    Texts sent;
    bool takes_at_once = false;
    Announcements announcements{it.core, [this](const Announcements::Announcement& next) {
                                    sent.push_back(next.what);
                                    if (takes_at_once) announcements.taken(Errc::ok);
                                }};
};

TEST_F(AnnouncementsTest, WaitForTheBackendAndGoOneAfterTheOther) {
    add("a");
    add("b");
    EXPECT_EQ(take(), Texts{});
    announcements.available(true);
    EXPECT_EQ(take(), Texts{"a"});
    announcements.taken(Errc::ok);
    EXPECT_EQ(take(), Texts{"b"});
    announcements.taken(Errc::ok);
    add("c");
    EXPECT_EQ(take(), Texts{"c"}) << "nothing is under way";
}

TEST_F(AnnouncementsTest, WhatTheBackendDoesNotTakeNowGoesAgainAndNothingGoesPastIt) {
    announcements.available(true);
    add("a");
    add("b");
    EXPECT_EQ(take(), Texts{"a"});
    announcements.taken(Errc::overloaded);
    EXPECT_EQ(take(), Texts{});
    it.advance(2 * Announcements::pause);
    EXPECT_EQ(take(), Texts{"a"});
    announcements.available(false);
    announcements.taken(Errc::unavailable);
    it.advance(10 * Announcements::pause);
    EXPECT_EQ(take(), Texts{});
    announcements.available(true);
    EXPECT_EQ(take(), Texts{"a"});
}

TEST_F(AnnouncementsTest, WhatIsRefusedForGoodHoldsUpNobody) {
    announcements.available(true);
    add("a");
    add("b");
    announcements.taken(Errc::too_large);
    EXPECT_EQ(take(), (Texts{"a", "b"}));
}

TEST_F(AnnouncementsTest, WhatNobodyNeedsAnyMoreDoesNotGo) {
    add("a", 1s);
    add("b", 1h);
    it.advance(2s);
    announcements.available(true);
    EXPECT_EQ(take(), Texts{"b"});
    announcements.taken(Errc::overloaded);
    it.advance(2h);
    EXPECT_EQ(take(), Texts{}) << "while it waited to go again";
}

TEST_F(AnnouncementsTest, ABackendMayTakeAsManyAtOnceAsThereAre) {
    takes_at_once = true;
    constexpr std::size_t many = 100'000;
    for (std::size_t i = 0; i < many; ++i) add("x");
    announcements.available(true);
    EXPECT_EQ(sent.size(), many);
}

}  // namespace
}  // namespace junctor
