#include "connectors/matrix/event_order.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace junctor::matrix {
namespace {

using nlohmann::json;

json content(const char* order) { return {{"messages", json::array()}, {order_key, json::parse(order)}}; }

TEST(MatrixEventOrder, IsReadAsItWasWritten) {
    for (const OrderMark& mark : {OrderMark{"run", 1}, OrderMark{"run", 9'007'199'254'740'991, "$\"x\\\""}}) {
        const json written = json::parse(with_order(R"({"messages":[]})", mark));
        EXPECT_TRUE(written.contains("messages"));
        const std::optional<OrderMark> read = order_of(written);
        ASSERT_TRUE(read);
        EXPECT_EQ(read->chain, mark.chain);
        EXPECT_EQ(read->number, mark.number);
        EXPECT_EQ(read->after, mark.after);
    }
}

TEST(MatrixEventOrder, OthersHaveNone) {
    EXPECT_FALSE(order_of(json::object()));
    EXPECT_FALSE(order_of(json::array()));
    EXPECT_FALSE(order_of(json("text")));
}

TEST(MatrixEventOrder, WhatMakesNoSenseIsNone) {
    const std::string enormous(1'000'000, 'x');
    const std::vector<std::string> senseless{
        "[]", "1", "{}", R"({"chain":"c"})", R"({"number":1})", R"({"chain":"","number":1})", R"({"chain":1,"number":1})", R"({"chain":"c","number":0})",
        R"({"chain":"c","number":-1})", R"({"chain":"c","number":1.5})", R"({"chain":"c","number":"1"})", R"({"chain":"c","number":9007199254740992})",
        R"({"chain":"c","number":2,"after":1})", R"({"chain":"c","number":2,"after":["$x"]})", R"({"chain":"c","number":2,"after":")" + enormous + "\"}",
        R"({"chain":")" + enormous + R"(","number":2})"};
    for (const std::string& each : senseless) EXPECT_FALSE(order_of(content(each.c_str()))) << each.substr(0, 80);
    EXPECT_TRUE(order_of(content(R"({"chain":"c","number":2,"after":"$x","more":[]})")));
}

TEST(MatrixGivenOrder, CountsInEachRoom) {
    GivenOrder given;
    given.begin("run", 2);
    EXPECT_EQ(given.next(0).number, 1U);
    EXPECT_EQ(given.next(0).after, "");
    EXPECT_EQ(given.next(0).number, 1U) << "the homeserver refused it";
    given.sent(0, "$one");
    EXPECT_EQ(given.next(0).number, 2U);
    EXPECT_EQ(given.next(0).after, "$one");
    EXPECT_EQ(given.next(1).number, 1U);
    given.sent(0, std::string(256, 'x'));
    EXPECT_EQ(given.next(0).number, 3U);
    EXPECT_EQ(given.next(0).after, "");
    given.begin("another", 2);
    EXPECT_EQ(given.next(0).chain, "another");
    EXPECT_EQ(given.next(0).number, 1U);
}

}  // namespace
}  // namespace junctor::matrix
