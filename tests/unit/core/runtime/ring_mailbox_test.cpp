#include "core/runtime/ring_mailbox.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace junctor {
namespace {

Mail numbered(std::uint32_t number) {
    Mail mail;
    mail.what = Mail::What::message;
    mail.count = number;
    return mail;
}

struct RingMailboxTest : testing::Test {
    CoreMesh mesh{3, 4};
    RingMailbox first{{0}, mesh};
    RingMailbox second{{1}, mesh};
    std::vector<std::uint32_t> got;
    RingMailbox::Handler keep = [this](Mail&& mail) { got.push_back(mail.count); };
};

TEST_F(RingMailboxTest, NothingLeavesBeforeTheHandOver) {
    first.post({1}, numbered(1));
    EXPECT_TRUE(first.staged());
    EXPECT_FALSE(second.has_mail());
    first.hand_over();
    EXPECT_FALSE(first.staged());
    EXPECT_TRUE(second.has_mail());
    EXPECT_EQ(second.receive(keep), 1U);
    EXPECT_EQ(got, (std::vector<std::uint32_t>{1}));
}

TEST_F(RingMailboxTest, WhatDoesNotFitWaitsInOrderAndSaysSo) {
    for (std::uint32_t i = 0; i < 10; ++i) first.post({1}, numbered(i));
    first.hand_over();
    EXPECT_TRUE(first.backlogged());
    for (int round = 0; round < 3; ++round) {
        second.receive(keep);
        first.hand_over();
    }
    EXPECT_FALSE(first.backlogged());
    ASSERT_EQ(got.size(), 10U);
    EXPECT_TRUE(std::is_sorted(got.begin(), got.end()));
}

TEST_F(RingMailboxTest, WhoeverMakesRoomRingsTheWaitingSender) {
    for (std::uint32_t i = 0; i < 10; ++i) first.post({1}, numbered(i));
    first.hand_over();
    mesh.bell({0}).going_to_sleep();
    second.receive(keep);
    mesh.bell({0}).wait(std::chrono::hours(1));  // returns at once: it has been rung
    first.hand_over();
    EXPECT_EQ(second.receive(keep), 4U);
}

TEST_F(RingMailboxTest, AFullRingHoldsUpNoOtherCore) {
    RingMailbox third{{2}, mesh};
    for (std::uint32_t i = 0; i < 10; ++i) first.post({1}, numbered(i));
    first.post({2}, numbered(77));
    first.hand_over();
    EXPECT_EQ(third.receive(keep), 1U);
    EXPECT_EQ(got, (std::vector<std::uint32_t>{77}));
}

TEST_F(RingMailboxTest, MailToOneselfArrivesInTheNextRound) {
    first.post({0}, numbered(1));
    EXPECT_EQ(first.receive(keep), 0U);
    first.hand_over();
    EXPECT_TRUE(first.has_mail());
    EXPECT_EQ(first.receive([&](Mail&& mail) {
        got.push_back(mail.count);
        first.post({0}, numbered(2));
    }), 1U);
    EXPECT_TRUE(first.staged());
    first.hand_over();
    first.receive(keep);
    EXPECT_EQ(got, (std::vector<std::uint32_t>{1, 2}));
}

TEST_F(RingMailboxTest, SaysWhoSentIt) {
    second.post({0}, numbered(1));
    second.hand_over();
    CoreId from;
    first.receive([&](Mail&& mail) { from = mail.from; });
    EXPECT_EQ(from, CoreId{1});
}

}  // namespace
}  // namespace junctor
