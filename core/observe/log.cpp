#include "core/observe/log.hpp"

#include <unistd.h>

#include <atomic>
#include <mutex>
#include <vector>

#include "core/observe/log_limiter.hpp"
#include "core/observe/log_queue.hpp"

namespace junctor {

namespace {

void write_to_stderr(std::string_view line) {
    std::string whole(line);
    whole += '\n';
    for (std::string_view rest = whole; !rest.empty();) {
        const ssize_t written = write(STDERR_FILENO, rest.data(), rest.size());
        if (written <= 0) return;
        rest.remove_prefix(static_cast<std::size_t>(written));
    }
}

struct ProcessLog {
    std::atomic<LogLevel> level{LogLevel::info};
    std::atomic<LogFormat> format{LogFormat::text};
    std::mutex limiter_mutex;
    LogLimiter limiter;
    LogQueue queue{write_to_stderr};

    std::optional<std::uint64_t> admit(std::string_view area) {
        const std::lock_guard lock(limiter_mutex);
        return limiter.admit(area, TimePoint(std::chrono::steady_clock::now().time_since_epoch()));
    }
};

/// Never destroyed: threads may log until the process is gone.
ProcessLog& process_log() {
    static ProcessLog& instance = *new ProcessLog;
    return instance;
}

void write_entry(ProcessLog& to, LogEntry entry, std::uint64_t dropped) {
    std::vector<LogField> fields(entry.fields.begin(), entry.fields.end());
    if (dropped > 0) fields.push_back({"lines_dropped_before", std::to_string(dropped)});
    entry.fields = fields;
    to.queue.push(log_line(to.format.load(std::memory_order_relaxed), entry));
}

}  // namespace

void log(LogLevel level, std::string_view area, std::string_view message, std::initializer_list<LogField> fields) noexcept {
    try {
        ProcessLog& to = process_log();
        if (level < to.level.load(std::memory_order_relaxed)) return;
        const auto dropped = to.admit(area);
        if (!dropped) return;
        const auto now = std::chrono::time_point_cast<WallTime::duration>(std::chrono::system_clock::now());
        write_entry(to, {now, level, area, message, fields}, *dropped);
    } catch (const std::exception&) {
        // Out of memory: losing a line is better than losing the gateway.
    }
}

void configure_log(LogLevel level, LogFormat format) noexcept {
    process_log().level = level;
    process_log().format = format;
}

void redirect_log(std::function<void(std::string_view)> sink) {
    process_log().queue.set_sink(sink ? std::move(sink) : LogQueue::Sink(write_to_stderr));
}

void flush_log() noexcept { process_log().queue.flush(); }

}  // namespace junctor
