#include "core/observe/message_log.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/observe/log.hpp"

namespace junctor {
namespace {

TEST(MessageLog, IsOffAtFirst) {
    MessageLog log;
    for (int i = 0; i < 10; ++i) EXPECT_FALSE(log.wants_next());
}

TEST(MessageLog, TakesOneOfSoMany) {
    MessageLog log;
    log.sample(4);
    int taken = 0;
    for (int i = 0; i < 100; ++i) taken += log.wants_next();
    EXPECT_EQ(taken, 25);
}

// Threat 29: nobody writes a line of their own into the log.
TEST(MessageLog, EscapesWhatClientsChose) {
    std::vector<std::string> lines;
    redirect_log([&](std::string_view line) { lines.emplace_back(line); });
    MessageLog log;
    log.sample(1);
    MessageLog::Entry entry;
    entry.protocol = "mqtt";
    entry.session = "evil\r\nforged line";
    entry.principal = "\x1b[2Jsomebody";
    entry.topic = "a/b";
    entry.bytes = 12;
    entry.outcome = Errc::denied;
    log.write(entry);
    flush_log();
    redirect_log({});
    ASSERT_EQ(lines.size(), 1u);
    EXPECT_EQ(lines[0].find_first_of("\r\n\x1b"), std::string::npos) << lines[0];
    for (const char* part : {"a/b", "12", "denied", "mqtt"}) EXPECT_NE(lines[0].find(part), std::string::npos) << lines[0];
}

}  // namespace
}  // namespace junctor
