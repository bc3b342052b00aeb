#include "gateway/message_text.hpp"

#include <gtest/gtest.h>

namespace junctor {
namespace {

ClientMessage message(std::string_view payload) {
    ClientMessage made;
    made.topic = "a/b";
    append(made.payload, payload);
    return made;
}

TEST(MessageText, TextIsPrintedAsItIs) {
    EXPECT_EQ(payload_text(message("21 °C\nfine\t\\n")), "21 °C\nfine\t\\n");
    EXPECT_EQ(payload_text(message("")), "");
}

TEST(MessageText, WhatCouldMoveTheCursorIsNot) {
    EXPECT_EQ(payload_text(message("\x1b[2J")), "base64:G1sySg==");
    EXPECT_EQ(payload_text(message("\xc2\x9b"
                                   "31m")),
              "base64:wpszMW0=");
    EXPECT_EQ(payload_text(message("\xff")), "base64:/w==");
}

TEST(MessageText, JsonHoldsEveryField) {
    ClientMessage full = message("x");
    full.qos = Qos::at_least_once;
    full.retain = true;
    full.ttl = std::chrono::seconds(30);
    full.extras.content_type = "text/plain";
    full.extras.headers = {{"k", "1"}, {"k", "2"}};
    full.extras.reply_to = "r";
    append(full.extras.correlation, "\xff");
    EXPECT_EQ(
        message_json(full),
        R"({"topic":"a/b","data":"x","qos":1,"retain":true,"ttl":30,"content_type":"text/plain","headers":[["k","1"],["k","2"]],"reply_to":"r","correlation_base64":"/w=="})");
    full = message("\xff");
    full.extras.headers = {{"k", "1"}, {"j", "2"}};
    EXPECT_EQ(message_json(full), R"({"topic":"a/b","data_base64":"/w==","headers":{"k":"1","j":"2"}})");
}

}  // namespace
}  // namespace junctor
