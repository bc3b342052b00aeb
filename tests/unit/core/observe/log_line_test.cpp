#include "core/observe/log_line.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace junctor {
namespace {

std::string line(LogFormat format, std::string_view message, std::vector<LogField> fields = {}) {
    return log_line(format, {WallTime(std::chrono::milliseconds(1'700'000'000'007)), LogLevel::warning, "mqtt", message, fields});
}

TEST(LogLine, Text) {
    EXPECT_EQ(line(LogFormat::text, "closed", {{"peer", "127.0.0.1:5"}, {"reason", "too slow"}, {"name", ""}}),
              "2023-11-14T22:13:20.007Z warning mqtt: closed peer=127.0.0.1:5 reason=\"too slow\" name=\"\"");
}

TEST(LogLine, Json) {
    const auto parsed = nlohmann::json::parse(line(LogFormat::json, "closed", {{"peer", "x\n\xff"}}));
    EXPECT_EQ(parsed["time"], "2023-11-14T22:13:20.007Z");
    EXPECT_EQ(parsed["level"], "warning");
    EXPECT_EQ(parsed["area"], "mqtt");
    EXPECT_EQ(parsed["peer"], "x\n\xef\xbf\xbd");
}

// Threat class 29: log injection.
TEST(Threat29, ControlBytesNeverReachTheLog) {
    const std::string evil =
        "a\r\n2023 error mqtt: forged\x1b[2J\x1b]0;x\x07\xc2\x9b"
        "31m\x7f\x08\xe2\x80\xa8\xe2\x80\xae\xff\xc3"
        "end\\n";
    for (const LogFormat format : {LogFormat::text, LogFormat::json}) {
        for (const std::string& made : {line(format, evil), line(format, "x", {{"topic", evil}})})
            for (const char letter : made) {
                EXPECT_GE(static_cast<unsigned char>(letter), 0x20) << made;
                EXPECT_LT(static_cast<unsigned char>(letter), 0x7f) << made;
            }
    }
}

TEST(Threat29, AValueCannotAddFields) {
    EXPECT_EQ(line(LogFormat::text, "x", {{"user", "a admin=true"}, {"also", "q\" b=\"c"}}),
              "2023-11-14T22:13:20.007Z warning mqtt: x user=\"a admin=true\" also=\"q\\\" b=\\\"c\"");
}

TEST(Escaped, KeepsWhatPeopleRead) {
    EXPECT_EQ(escaped("höhe/温度 ok"), "höhe/温度 ok");
    EXPECT_EQ(escaped("a\\n"), "a\\\\n");
    EXPECT_EQ(escaped("\x1b\n\xff"), "\\x1b\\n\\xff");
}

}  // namespace
}  // namespace junctor
