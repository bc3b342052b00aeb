#pragma once

#include <condition_variable>
#include <filesystem>
#include <initializer_list>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/base/clock.hpp"
#include "core/observe/log_line.hpp"

namespace junctor {

/// Who came and went, what was refused to whom and why, and who administered: one JSON object a line, appended to a file that only its
/// owner reads. Never a payload, a password or a token. Written by a thread of its own; callers never wait: lines that a full disk or a flood
/// keeps out are counted, in the file as soon as it takes lines again, and in `junctor_audit_lines_lost_total` by whoever asks `lost`.
class AuditLog {
public:
    /// Lines that may wait.
    static constexpr std::size_t most_waiting = 20'000;

    /// Throws SetupError where the file could not be written. Opens nothing. `clock` outlives it.
    AuditLog(std::filesystem::path path, const Clock& clock);
    /// Writes what waits, as far as the file takes it.
    ~AuditLog();
    AuditLog(const AuditLog&) = delete;
    AuditLog& operator=(const AuditLog&) = delete;

    /// Opens the file. Once. Another log may have it open: a reload begins a new one, which is what a file that was moved away needs.
    void start();
    /// `what` is static text; fields without a value are left out. Any thread.
    void write(std::string_view what, std::initializer_list<LogField> fields) noexcept;

    std::uint64_t lost() const noexcept;

private:
    void run();
    void put(const std::string& lines) noexcept;

    const std::filesystem::path path_;
    const Clock& clock_;
    int file_ = -1;
    bool failing_ = false;  ///< the thread's
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::vector<std::string> waiting_;
    std::uint64_t lost_ = 0;
    std::uint64_t lost_since_ = 0;  ///< not told yet
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace junctor
