#include "connectors/matrix/recall.hpp"

#include <gtest/gtest.h>

namespace junctor::matrix {
namespace {

using namespace std::chrono_literals;
using Texts = std::vector<std::string>;

constexpr std::int64_t now_ms = 1'000'000;

class RecallTest : public ::testing::Test {
protected:
    static HistoryRulesPtr rules(std::uint64_t messages = 100, Duration age = 900s, std::size_t bytes = 1 << 20) {
        return std::make_shared<const HistoryRules>(std::vector<HistoryRule>{{*TopicFilter::parse({}, "a/#"), {messages, bytes, age}}});
    }
    void begin(HistoryRulesPtr kept) {
        recall.want();
        recall.begin(std::move(kept), {"", "a/own", "other"}, "s1", now_ms);
    }
    static RoomEvent shared(std::int64_t at_ms, const std::string& topics, const std::string& id = {}) {
        nlohmann::json messages = nlohmann::json::array();
        for (const char topic : topics) messages.push_back({{"topic", std::string(1, topic) + "/x"}});
        return {id.empty() ? "$" + std::to_string(at_ms) : id, "@x:hs", "junctor.messages", {{"messages", messages}}, {}, at_ms};
    }
    static RoomEvent single(std::int64_t at_ms) { return {"$own" + std::to_string(at_ms), "@x:hs", "m.room.message", {{"body", "x"}}, {}, at_ms}; }
    static MessagesPage page(std::vector<RoomEvent> events, const std::string& end = {}) { return {std::move(events), end}; }
    Texts told(bool remember = false) {
        Texts ids;
        for (const Recall::Event& each : recall.finish(remember)) ids.push_back(each.event.id);
        return ids;
    }

    Recall recall;
};

TEST_F(RecallTest, ReadsTheRoomsThatHistoriesConcernPageByPage) {
    begin(rules());
    EXPECT_TRUE(recall.wanted());
    EXPECT_EQ(recall.next(), 0U);
    EXPECT_EQ(recall.from(), "s1");
    recall.take(page({shared(400'000, "a")}, "t9"), 100);
    EXPECT_EQ(recall.next(), 0U);
    EXPECT_EQ(recall.from(), "t9");
    recall.take(page({shared(300'000, "a")}), 100);
    EXPECT_EQ(recall.next(), 1U);
    EXPECT_EQ(recall.from(), "s1");
    recall.take(page({}), 10);
    EXPECT_FALSE(recall.next());
    EXPECT_EQ(told(), (Texts{"$300000", "$400000"}));
    EXPECT_FALSE(recall.wanted());
}

TEST_F(RecallTest, NoRoomConcernsWhoKeepsNothing) {
    begin(std::make_shared<const HistoryRules>());
    EXPECT_FALSE(recall.next());
}

TEST_F(RecallTest, RoomsAreToldInTheOrderOfTheirEvents) {
    begin(rules());
    // The homeserver's clock went back by a second between two events.
    recall.take(page({shared(500'000, "a"), shared(399'000, "a", "$later"), shared(400'000, "a", "$earlier")}), 100);
    recall.take(page({single(450'000), single(350'000)}), 100);
    EXPECT_EQ(told(), (Texts{"$own350000", "$earlier", "$later", "$own450000", "$500000"}));
}

TEST_F(RecallTest, WhatNoHistoryKeepsIsLeftOut) {
    begin(rules());
    RoomEvent stands{"$stands", "@x:hs", "junctor.retained", {{"junctor", {{"topic", "a/b"}}}}, "0:a/b", 600'000};
    RoomEvent other{"$other", "@x:hs", "junctor.retained", {{"junctor", {{"topic", "b"}}}}, "0:b", 600'000};
    RoomEvent foreign{"$foreign", "@x:hs", "m.room.message", {{"body", "hello"}}, {}, 600'000};
    RoomEvent of_tenant{"$tenant", "@x:hs", "junctor.messages", {{"messages", {{{"topic", "a/x"}, {"tenant", 7U}}}}}, {}, 600'000};
    RoomEvent odd{"$odd", "@x:hs", "junctor.messages", {{"messages", {1, "x", {{"topic", 5}}, {{"topic", "a/#"}}}}}, {}, 600'000};
    recall.take(page({shared(700'000, "bc"), std::move(stands), std::move(other), std::move(foreign), std::move(of_tenant), std::move(odd), shared(500'000, "ba")}), 100);
    recall.take(page({}), 10);
    EXPECT_EQ(told(), (Texts{"$500000", "$stands"}));
}

TEST_F(RecallTest, GoesBackAsFarAsHistoriesDo) {
    begin(rules(100, 500s));
    recall.take(page({shared(600'000, "a"), shared(500'000, "a"), shared(499'999, "a"), shared(499'998, "a")}, "t9"), 100);
    EXPECT_EQ(recall.next(), 1U);
    recall.take(page({single(510'000), single(490'000)}), 100);
    EXPECT_EQ(told(), (Texts{"$500000", "$own510000", "$600000"}));
}

TEST_F(RecallTest, WhatIsOlderThanTheHoleOfAnotherRoomIsLeftOut) {
    begin(rules(3));
    recall.take(page({shared(600'000, "aa"), shared(500'000, "aa"), shared(400'000, "a")}, "t9"), 100);
    EXPECT_EQ(recall.next(), 1U);
    recall.take(page({single(700'000), single(401'000), single(400'000), single(300'000)}), 100);
    EXPECT_EQ(told(), (Texts{"$own401000", "$500000", "$600000", "$own700000"})) << "the shared room was not read back to before";
}

TEST_F(RecallTest, HoldsNoMoreBytesThanHistoriesDo) {
    begin(rules(100, 900s, 1'000));
    recall.take(page({shared(600'000, "a")}, "t9"), 600);
    EXPECT_EQ(recall.next(), 0U);
    recall.take(page({shared(500'000, "a")}, "t8"), 600);
    EXPECT_EQ(recall.next(), 1U);
    recall.take(page({single(700'000), single(450'000)}, "t9"), 1'200);
    EXPECT_FALSE(recall.next());
    EXPECT_EQ(told(), (Texts{"$500000", "$600000", "$own700000"}));
}

TEST_F(RecallTest, RemembersWhatItToldUntilSomethingLaterComes) {
    begin(rules());
    recall.take(page({shared(600'000, "a"), shared(500'000, "a")}), 100);
    recall.take(page({}), 10);
    EXPECT_EQ(told(true).size(), 2U);
    EXPECT_FALSE(recall.told(shared(400'000, "a")));
    EXPECT_TRUE(recall.told(shared(500'000, "a")));
    EXPECT_FALSE(recall.told(shared(500'000, "a"))) << "twice";
    EXPECT_FALSE(recall.told(shared(600'001, "a")));
    EXPECT_FALSE(recall.told(shared(600'000, "a"))) << "it would have come before";
}

}  // namespace
}  // namespace junctor::matrix
