#include "gateway/status_topics.hpp"

#include <gtest/gtest.h>

#include "tests/support/lone_core.hpp"

namespace junctor {
namespace {

using namespace std::chrono_literals;

struct Watched {
    test::LoneCore lone;
    StatusTopics::Numbers numbers;
    std::map<std::string, std::string, std::less<>> values;
    int published = 0;
    StatusTopics topics{lone.core, 10s, [this] { return numbers; },
                        [this](std::string_view topic, std::string_view value) {
                            ++published;
                            values[std::string(topic)] = value;
                        }};
};

TEST(StatusTopics, SaysAtOnceWhatItKnows) {
    Watched watched;
    EXPECT_TRUE(watched.values["$SYS/broker/version"].starts_with("junctor version "));
    EXPECT_EQ(watched.values["$SYS/broker/uptime"], "0 seconds");
    EXPECT_EQ(watched.values["$SYS/broker/clients/connected"], "0");
    EXPECT_EQ(watched.values["$SYS/broker/load/messages/received/1min"], "0.00");
    for (const auto& [topic, value] : watched.values) EXPECT_TRUE(Topic::parse({}, topic)) << topic;
}

TEST(StatusTopics, PublishesWhatHasChanged) {
    Watched watched;
    watched.published = 0;
    watched.numbers.connected = 3;
    watched.lone.advance(9s);
    EXPECT_EQ(watched.published, 0);
    watched.lone.advance(2s);
    EXPECT_EQ(watched.published, 5) << "uptime, both names of what changed, the most and all of them";
    EXPECT_EQ(watched.values["$SYS/broker/clients/connected"], "3");
    EXPECT_EQ(watched.values["$SYS/broker/uptime"], "11 seconds");
}

TEST(StatusTopics, CountsWhoIsAwayAndWhatWaitsForThem) {
    Watched watched;
    watched.numbers.connected = 5;
    watched.lone.advance(11s);
    watched.numbers.connected = 2;
    watched.numbers.away = 3;
    watched.numbers.kept = 7;
    watched.numbers.kept_bytes = 700;
    watched.lone.advance(11s);
    const std::map<std::string, std::string, std::less<>> expected{
        {"clients/connected", "2"}, {"clients/maximum", "5"},      {"clients/total", "5"},     {"clients/disconnected", "3"},
        {"clients/inactive", "3"},  {"store/messages/count", "7"}, {"messages/stored", "7"}, {"store/messages/bytes", "700"}};
    for (const auto& [topic, value] : expected) EXPECT_EQ(watched.values["$SYS/broker/" + topic], value) << topic;
}

TEST(StatusTopics, AveragesRatesOverTheirWindows) {
    Watched watched;
    for (int round = 0; round < 600; ++round) {
        watched.numbers.received += 20;
        watched.lone.advance(10s + 2ms);
    }
    for (const char* window : {"1min", "5min", "15min"}) {
        const double load = std::stod(watched.values["$SYS/broker/load/messages/received/" + std::string(window)]);
        EXPECT_NEAR(load, 120.0, 1.0) << window;
    }
    for (int round = 0; round < 30; ++round) watched.lone.advance(10s + 2ms);
    EXPECT_LT(std::stod(watched.values["$SYS/broker/load/messages/received/1min"]), 1.0);
    EXPECT_GT(std::stod(watched.values["$SYS/broker/load/messages/received/15min"]), 80.0);
}

}  // namespace
}  // namespace junctor
