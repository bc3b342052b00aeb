#include "core/observe/log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/observe/log_limiter.hpp"
#include "core/observe/log_queue.hpp"

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

TEST(LogQueue, ASlowReaderCostsTheOldestLinesNotTheWriter) {
    std::mutex held;
    std::vector<std::string> lines;
    std::unique_lock hold(held);
    LogQueue queue([&](std::string_view line) {
        const std::lock_guard lock(held);
        lines.emplace_back(line);
    });
    for (std::size_t i = 0; i < 3 * LogQueue::max_lines; ++i) queue.push(std::to_string(i));
    hold.unlock();
    queue.flush();
    EXPECT_EQ(lines.back(), std::to_string(3 * LogQueue::max_lines - 1));
    EXPECT_LE(lines.size(), 2 * LogQueue::max_lines + 2);
    EXPECT_THAT(lines, testing::Contains(HasSubstr("lines dropped")));
}

}  // namespace
}  // namespace junctor
