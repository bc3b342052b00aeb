#include "connectors/matrix/waiting_transactions.hpp"

#include <gtest/gtest.h>

namespace junctor::matrix {
namespace {

using namespace std::chrono_literals;
using Texts = std::vector<std::string>;

class MatrixWaitingTransactions : public ::testing::Test {
protected:
    bool add(const std::string& id, TimePoint until = {}) {
        WaitingTransactions::Entry entry{id, {}, [this, id](bool taken) { heard.push_back(id + (taken ? " taken" : " again")); }, until};
        return waiting.add(entry);
    }

    WaitingTransactions waiting;
    Texts heard;
};

TEST_F(MatrixWaitingTransactions, AreTakenInTheOrderInWhichTheyCame) {
    EXPECT_TRUE(add("1"));
    EXPECT_TRUE(add("2"));
    EXPECT_EQ(waiting.next()->id, "1");
    EXPECT_EQ(waiting.next()->id, "2");
    EXPECT_FALSE(waiting.next());
    EXPECT_EQ(heard, Texts{});
}

TEST_F(MatrixWaitingTransactions, OneThatComesAgainKeepsItsPlace) {
    add("1");
    add("2");
    EXPECT_TRUE(add("1"));
    EXPECT_EQ(heard, Texts{"1 again"});
    EXPECT_EQ(waiting.next()->id, "1");
    EXPECT_EQ(waiting.next()->id, "2");
    EXPECT_TRUE(waiting.empty());
}

TEST_F(MatrixWaitingTransactions, AreFew) {
    for (std::size_t i = 0; i < WaitingTransactions::most; ++i) EXPECT_TRUE(add(std::to_string(i)));
    EXPECT_FALSE(add("more"));
    EXPECT_TRUE(add("0")) << "it has a place";
    EXPECT_EQ(heard, Texts{"0 again"});
}

TEST_F(MatrixWaitingTransactions, AreRefusedWhenTheyHaveWaitedForTooLong) {
    add("1", TimePoint() + 1s);
    add("2", TimePoint() + 2s);
    EXPECT_EQ(waiting.due(), TimePoint() + 1s);
    waiting.refuse_until(TimePoint() + 1s);
    EXPECT_EQ(heard, Texts{"1 again"});
    waiting.refuse_all();
    EXPECT_EQ(heard, (Texts{"1 again", "2 again"}));
    EXPECT_TRUE(waiting.empty());
}

}  // namespace
}  // namespace junctor::matrix
