#include "gateway/start_table.hpp"

#include <gtest/gtest.h>

namespace junctor {
namespace {

TEST(StartTable, ColumnsAreAligned) {
    EXPECT_EQ(
        start_table({{"mqtt", "mqtt://127.0.0.1:1883", "this machine", "mosquitto_sub -t '#'"}, {"websocket", "ws://a", "anybody", ""}}),
        "  CONNECTOR  ADDRESS                WHO MAY CONNECT\n"
        "             a command to try it\n"
        "  mqtt       mqtt://127.0.0.1:1883  this machine\n"
        "             mosquitto_sub -t '#'\n"
        "  websocket  ws://a                 anybody\n");
}

}  // namespace
}  // namespace junctor
