#include "connectors/matrix/transactions.hpp"

#include <gtest/gtest.h>

namespace junctor::matrix {
namespace {

using Texts = std::vector<std::string>;

class MatrixTransactions : public ::testing::Test {
protected:
    void begin(const std::string& id, TimePoint now = {}) { transactions.begin(id, heard_by(id), now); }
    Transactions::Answer heard_by(const std::string& id) {
        return [this, id](bool taken) { heard.push_back(id + (taken ? " taken" : " again")); };
    }

    Transactions transactions;
    Texts heard;
};

TEST_F(MatrixTransactions, AreAnsweredInOrderWhenTheyAreKept) {
    for (const char* id : {"1", "2", "3"}) begin(id);
    EXPECT_EQ(transactions.kept(), 0U);
    EXPECT_TRUE(transactions.under_way("2"));
    transactions.reached("2");
    EXPECT_EQ(transactions.kept(), 2U);
    EXPECT_EQ(transactions.ids(), (Texts{"1", "2"}));
    EXPECT_FALSE(transactions.done("1"));
    transactions.answer(1);
    EXPECT_EQ(heard, Texts{"1 taken"});
    EXPECT_TRUE(transactions.done("1"));
    transactions.answer(1);
    EXPECT_EQ(heard, (Texts{"1 taken", "2 taken"}));
    EXPECT_TRUE(transactions.under_way("3"));
}

TEST_F(MatrixTransactions, AreKnownAfterARestart) {
    transactions.remember({"8", "9"});
    EXPECT_TRUE(transactions.done("9"));
    EXPECT_FALSE(transactions.done("10"));
    begin("10");
    transactions.reached("10");
    EXPECT_EQ(transactions.ids(), (Texts{"8", "9", "10"}));
}

TEST_F(MatrixTransactions, NoMoreAreRememberedThanTheLast) {
    for (int i = 0; i < 40; ++i) {
        begin(std::to_string(i));
        transactions.reached(std::to_string(i));
        EXPECT_LE(transactions.ids().size(), Transactions::remembered);
        transactions.answer(1);
    }
    EXPECT_TRUE(transactions.done("39"));
    EXPECT_TRUE(transactions.done("24"));
    EXPECT_FALSE(transactions.done("23"));
}

TEST_F(MatrixTransactions, WhoComesAgainGetsTheAnswer) {
    begin("1");
    transactions.again("1", heard_by("other"));
    EXPECT_EQ(heard, Texts{"1 again"});
    transactions.reached("1");
    transactions.answer(transactions.kept());
    EXPECT_EQ(heard, (Texts{"1 again", "other taken"}));
}

TEST_F(MatrixTransactions, WhatIsStuckIsForgotten) {
    const TimePoint start{std::chrono::seconds(100)};
    begin("1", start);
    EXPECT_FALSE(transactions.stuck("1", start));
    EXPECT_TRUE(transactions.stuck("1", start + std::chrono::seconds(1)));
    EXPECT_FALSE(transactions.stuck("2", start + std::chrono::seconds(1)));
    transactions.forget("1");
    EXPECT_EQ(heard, Texts{"1 again"});
    EXPECT_FALSE(transactions.under_way("1") || transactions.done("1"));
    begin("2", start);
    transactions.reached("2");
    EXPECT_FALSE(transactions.stuck("2", start + std::chrono::seconds(1))) << "it is only to be written down";
}

TEST_F(MatrixTransactions, WhatIsWrittenDownIsOfTheLastThatIsKept) {
    for (const char* id : {"1", "2", "3"}) {
        begin(id);
        transactions.note("up to " + std::string(id));
    }
    transactions.reached("2");
    EXPECT_EQ(transactions.state(), "up to 2");
}

TEST_F(MatrixTransactions, OneOfOurOwnHasNoId) {
    begin("1");
    begin("");
    EXPECT_TRUE(transactions.under_way(""));
    transactions.reached("");
    EXPECT_EQ(transactions.ids(), Texts{"1"});
    transactions.answer(2);
    EXPECT_FALSE(transactions.done("") || transactions.under_way(""));
}

TEST_F(MatrixTransactions, AHomeserverThatDoesNotWaitIsStopped) {
    for (std::size_t i = 0; i < Transactions::most_under_way; ++i) {
        EXPECT_FALSE(transactions.full());
        begin(std::to_string(i));
    }
    EXPECT_TRUE(transactions.full());
}

}  // namespace
}  // namespace junctor::matrix
