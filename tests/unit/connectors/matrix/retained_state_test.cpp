#include "connectors/matrix/retained_state.hpp"

#include <gtest/gtest.h>

namespace junctor::matrix {
namespace {

using Texts = std::vector<std::string>;

class MatrixRetainedState : public ::testing::Test {
protected:
    static Topic topic(const std::string& text, std::uint32_t tenant = 0) {
        static std::map<std::string, int> texts;  // a topic is a view
        TenantId id;
        id.value = static_cast<decltype(id.value)>(tenant);
        return *Topic::parse(id, texts.try_emplace(text).first->first);
    }
    static RetainedState::Value value(const std::string& event, std::int64_t at_ms, bool cleared = false) { return {event, at_ms, '"' + event + '"', cleared}; }
    Texts under(const std::string& filter, std::uint32_t tenant = 0) const {
        TenantId id;
        id.value = static_cast<decltype(id.value)>(tenant);
        Texts found;
        state.each(*TopicFilter::parse(id, filter), [&](const Topic& each, const RetainedState::Value& value) { found.push_back(std::string(each.text()) + ' ' + value.event); });
        return found;
    }

    RetainedState state;
};

TEST_F(MatrixRetainedState, HasWhatStandsAndWhatHasCome) {
    state.stands(topic("a/b"), value("$1", 1));
    state.stands(topic("a/b", 7), value("$2", 1));
    EXPECT_TRUE(state.arrived(topic("a/c"), value("$3", 2)));
    EXPECT_EQ(under("a/+"), (Texts{"a/b $1", "a/c $3"}));
    EXPECT_EQ(under("a/c"), Texts{"a/c $3"});
    EXPECT_EQ(under("#", 7), Texts{"a/b $2"});
    state.clear();
    EXPECT_EQ(under("#"), Texts{});
}

TEST_F(MatrixRetainedState, WhatWasClearedIsNotThere) {
    state.stands(topic("a"), value("$1", 1));
    EXPECT_TRUE(state.arrived(topic("a"), value("$2", 2, true)));
    EXPECT_EQ(under("#"), Texts{});
    EXPECT_TRUE(state.arrived(topic("a"), value("$3", 3)));
    EXPECT_EQ(under("#"), Texts{"a $3"});
}

TEST_F(MatrixRetainedState, WhatCameBeforeWhatStandsIsNotLater) {
    state.stands(topic("a"), value("$3", 3));
    EXPECT_FALSE(state.arrived(topic("a"), value("$1", 1)));
    EXPECT_FALSE(state.arrived(topic("a"), value("$2", 2)));
    EXPECT_EQ(under("a"), Texts{"a $3"});
    EXPECT_TRUE(state.arrived(topic("a"), value("$3", 3)));
    EXPECT_TRUE(state.arrived(topic("a"), value("$4", 1))) << "from here on their order counts, whatever the clocks say";
    EXPECT_EQ(under("a"), Texts{"a $4"});
}

TEST_F(MatrixRetainedState, WhatHasComeMeanwhileIsNotOverwrittenByAnOlderAnswer) {
    EXPECT_TRUE(state.arrived(topic("a"), value("$2", 2)));
    state.stands(topic("a"), value("$1", 1));
    EXPECT_EQ(under("a"), Texts{"a $2"});
    state.stands(topic("a"), value("$3", 3));
    EXPECT_EQ(under("a"), Texts{"a $3"});
}

TEST_F(MatrixRetainedState, WhatIsNotKnownWhenItIsLookedAtAgainIsExpected) {
    state.stands(topic("a"), value("$1", 1));
    EXPECT_TRUE(state.arrived(topic("b"), value("$5", 5)));
    state.expect(topic("a"), value("$1", 1));
    state.expect(topic("b"), value("$4", 4));
    EXPECT_TRUE(state.complete()) << "known, and older than what has come";
    state.expect(topic("a"), value("$6", 6));
    state.expect(topic("c"), value("$7", 7));
    EXPECT_FALSE(state.complete());
    EXPECT_EQ(under("#"), (Texts{"a $1", "b $5"}));
    EXPECT_TRUE(state.arrived(topic("a"), value("$6", 6)));
    EXPECT_FALSE(state.complete());
    EXPECT_TRUE(state.arrived(topic("c"), value("$8", 8))) << "a later one";
    EXPECT_TRUE(state.complete());
    EXPECT_EQ(under("#"), (Texts{"a $6", "b $5", "c $8"}));
}

TEST_F(MatrixRetainedState, WhatDoesNotComeStandsAllTheSame) {
    state.expect(topic("a"), value("$1", 1));
    state.give_up(false);
    EXPECT_TRUE(state.complete());
    EXPECT_EQ(under("#"), Texts{});
    state.expect(topic("a"), value("$1", 1));
    state.give_up(true);
    EXPECT_TRUE(state.complete());
    EXPECT_EQ(under("#"), Texts{"a $1"});
}

TEST_F(MatrixRetainedState, IsBounded) {
    for (std::size_t i = 0; i < RetainedState::most_topics; ++i) state.stands(topic("t/" + std::to_string(i)), value("$1", 1));
    EXPECT_TRUE(state.fits(topic("t/7"), 100));
    EXPECT_FALSE(state.fits(topic("one/more"), 1));
    state.stands(topic("one/more"), value("$1", 1));
    EXPECT_EQ(under("one/more"), Texts{});
    EXPECT_FALSE(state.fits(topic("t/7"), RetainedState::most_bytes));
    EXPECT_TRUE(state.arrived(topic("t/7"), {"$2", 2, std::string(RetainedState::most_bytes, 'x')}));
    EXPECT_EQ(under("t/7"), Texts{}) << "what it was is not true any more";
    EXPECT_TRUE(state.fits(topic("t/7"), 100));
}

}  // namespace
}  // namespace junctor::matrix
