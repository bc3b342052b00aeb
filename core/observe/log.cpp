#include "core/observe/log.hpp"

// The only place that knows spdlog: it brings the bounded queue and the writing thread.
#include <spdlog/async_logger.h>
#include <spdlog/details/thread_pool.h>
#include <spdlog/sinks/base_sink.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <utility>
#include <vector>

#include "core/observe/log_limiter.hpp"

namespace junctor {

namespace {

constexpr std::size_t longest_value = 1'024;  // with the queue's length this bounds its bytes

using WriteLine = std::function<void(std::string_view)>;

void write_to_stderr(std::string_view line) {
    std::string whole(line);
    whole += '\n';
    for (std::string_view rest = whole; !rest.empty();) {
        const ssize_t written = write(STDERR_FILENO, rest.data(), rest.size());
        if (written <= 0) return;
        rest.remove_prefix(static_cast<std::size_t>(written));
    }
}

/// Gets whole lines on spdlog's thread and says how many were lost before them.
class LineSink final : public spdlog::sinks::base_sink<std::mutex> {
public:
    explicit LineSink(spdlog::details::thread_pool& pool) : pool_(pool) {}

    void redirect(WriteLine write) {
        const std::lock_guard lock(mutex_);
        write_ = std::move(write);
    }
    std::uint64_t flushes() {
        const std::lock_guard lock(flush_mutex_);
        return flushes_;
    }
    bool wait_for_flush(std::uint64_t after, std::chrono::milliseconds patience) {
        std::unique_lock lock(flush_mutex_);
        return flushed_.wait_for(lock, patience, [&] { return flushes_ > after; });
    }

private:
    void sink_it_(const spdlog::details::log_msg& message) override {
        const std::uint64_t lost = pool_.overrun_counter();
        if (const std::uint64_t fresh = lost - std::exchange(reported_, lost); fresh > 0)
            write_("log: " + std::to_string(fresh) + " lines dropped: their reader is too slow");
        write_({message.payload.data(), message.payload.size()});
    }
    void flush_() override {
        const std::lock_guard lock(flush_mutex_);
        ++flushes_;
        flushed_.notify_all();
    }

    spdlog::details::thread_pool& pool_;
    WriteLine write_ = write_to_stderr;
    std::uint64_t reported_ = 0;
    std::mutex flush_mutex_;
    std::condition_variable flushed_;
    std::uint64_t flushes_ = 0;
};

struct ProcessLog {
    std::atomic<LogLevel> level{LogLevel::info};
    std::atomic<LogFormat> format{LogFormat::text};
    std::mutex limiter_mutex;
    LogLimiter limiter;
    std::shared_ptr<spdlog::details::thread_pool> pool = std::make_shared<spdlog::details::thread_pool>(log_queue_lines, 1);
    std::shared_ptr<LineSink> sink = std::make_shared<LineSink>(*pool);
    const std::shared_ptr<spdlog::async_logger> logger =
        std::make_shared<spdlog::async_logger>("junctor", sink, pool, spdlog::async_overflow_policy::overrun_oldest);

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

std::string shortened(const std::string& value) {
    if (value.size() <= longest_value) return value;
    return value.substr(0, longest_value) + "... (" + std::to_string(value.size()) + " bytes)";
}

void write_entry(ProcessLog& to, LogEntry entry, std::uint64_t dropped) {
    std::vector<LogField> fields;
    for (const LogField& field : entry.fields) fields.push_back({field.name, shortened(field.value)});
    if (dropped > 0) fields.push_back({"lines_dropped_before", std::to_string(dropped)});
    entry.fields = fields;
    to.logger->log(spdlog::level::critical, log_line(to.format.load(std::memory_order_relaxed), entry));
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
    flush_log();
    process_log().sink->redirect(sink ? std::move(sink) : WriteLine(write_to_stderr));
}

void flush_log() noexcept {
    ProcessLog& to = process_log();
    const std::uint64_t before = to.sink->flushes();
    // The wish waits in the queue like a line, so newer lines may push it out: then it is made again.
    do to.logger->flush();
    while (!to.sink->wait_for_flush(before, std::chrono::milliseconds(100)));
}

std::uint64_t log_lines_lost() noexcept { return process_log().pool->overrun_counter(); }

}  // namespace junctor
