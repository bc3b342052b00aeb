#include "core/observe/log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mutex>

#include "core/observe/log_limiter.hpp"

namespace junctor {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct CapturedLog {
    CapturedLog() {
        redirect_log([this](std::string_view line) { lines.emplace_back(line); });
    }
    ~CapturedLog() {
        configure_log(LogLevel::info, LogFormat::text);
        redirect_log({});
    }
    std::vector<std::string> lines;
};

TEST(Log, WritesFromTheConfiguredLevelUp) {
    CapturedLog captured;
    configure_log(LogLevel::warning, LogFormat::text);
    log_info("test", "quiet");
    log_warning("test", "loud", {{"peer", "x"}});
    flush_log();
    EXPECT_THAT(captured.lines, ElementsAre(HasSubstr("warning test: loud peer=x")));
}

TEST(Log, FormatChangesAtOnce) {
    CapturedLog captured;
    configure_log(LogLevel::debug, LogFormat::json);
    log_debug("test", "hello");
    flush_log();
    EXPECT_THAT(captured.lines, ElementsAre(HasSubstr(R"("message":"hello")")));
}

// Threat class 29: a peer must not be able to fill the log.
TEST(Threat29, AnAreaWritesSoManyLinesASecondAndSaysHowManyAreMissing) {
    LogLimiter limiter;
    const TimePoint start{};
    for (std::uint32_t i = 0; i < LogLimiter::lines_per_second; ++i) EXPECT_EQ(limiter.admit("mqtt", start), 0U);
    EXPECT_FALSE(limiter.admit("mqtt", start));
    EXPECT_FALSE(limiter.admit("mqtt", start + std::chrono::milliseconds(999)));
    EXPECT_EQ(limiter.admit("http", start), 0U);
    EXPECT_EQ(limiter.admit("mqtt", start + std::chrono::seconds(1)), 2U);
    EXPECT_EQ(limiter.admit("mqtt", start + std::chrono::seconds(1)), 0U);
}

TEST(Log, LongValuesAreCut) {
    CapturedLog captured;
    log_warning("test", "long", {{"value", std::string(100'000, 'x')}});
    flush_log();
    ASSERT_EQ(captured.lines.size(), 1U);
    EXPECT_LT(captured.lines[0].size(), 1'200U);
    EXPECT_THAT(captured.lines[0], HasSubstr("... (100000 bytes)"));
}

/// Static text, as areas are; so many that none reaches its limit.
const std::vector<std::string> areas = [] {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < 40; ++i) names.push_back("area" + std::to_string(i));
    return names;
}();

TEST(Log, ASlowReaderCostsTheOldestLinesNotTheWriter) {
    std::mutex held;
    std::vector<std::string> lines;
    const std::uint64_t lost_before = log_lines_lost();
    redirect_log([&](std::string_view line) {
        const std::lock_guard lock(held);
        lines.emplace_back(line);
    });
    {
        const std::lock_guard hold(held);
        for (std::size_t i = 0; i < 3 * log_queue_lines; ++i) log_info(areas[i % areas.size()], std::to_string(i));
    }
    flush_log();
    redirect_log({});
    EXPECT_GE(log_lines_lost() - lost_before, log_queue_lines);
    EXPECT_THAT(lines.back(), HasSubstr(std::to_string(3 * log_queue_lines - 1)));
    const auto reports = std::erase_if(lines, [](const std::string& line) { return line.find("lines dropped") != std::string::npos; });
    EXPECT_GE(reports, 1U);
    EXPECT_LE(lines.size(), log_queue_lines + 1) << "what the queue holds, and what the reader had in its hand";
}

}  // namespace
}  // namespace junctor
