#include "policy/audit_log.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "core/base/setup_error.hpp"
#include "core/observe/log.hpp"

namespace junctor {
namespace {

constexpr mode_t owner_only = S_IRUSR | S_IWUSR;

std::string line(WallTime at, std::string_view what, std::span<const LogField> fields) {
    return log_line(LogFormat::json, {at, LogLevel::info, "audit", what, fields}) + '\n';
}

}  // namespace

AuditLog::AuditLog(std::filesystem::path path, const Clock& clock) : path_(std::move(path)), clock_(clock) {
    const std::filesystem::path directory = path_.parent_path();
    std::error_code none;
    if (std::filesystem::is_directory(path_, none)) throw SetupError("the audit log '" + path_.string() + "' is a directory; name a file, in it or elsewhere");
    const bool there = access(path_.c_str(), F_OK) == 0;
    if (access(there ? path_.c_str() : directory.empty() ? "." : directory.c_str(), W_OK) != 0)
        throw SetupError("the audit log '" + path_.string() + "' cannot be written: " + std::strerror(errno));
}

AuditLog::~AuditLog() {
    if (!thread_.joinable()) return;
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
    if (file_ >= 0) close(file_);
}

void AuditLog::start() {
    file_ = open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, owner_only);
    thread_ = std::thread([this] { run(); });
}

void AuditLog::write(std::string_view what, std::initializer_list<LogField> fields) noexcept {
    std::vector<LogField> said;
    for (const LogField& field : fields)
        if (!field.value.empty()) said.push_back(field);
    const std::lock_guard lock(mutex_);
    if (waiting_.size() >= most_waiting) {
        ++lost_;
        ++lost_since_;
        return;
    }
    waiting_.push_back(line(clock_.wall(), what, said));
    if (waiting_.size() == 1) wake_.notify_one();
}

std::uint64_t AuditLog::lost() const noexcept {
    const std::lock_guard lock(mutex_);
    return lost_;
}

void AuditLog::run() {
    std::unique_lock lock(mutex_);
    for (;;) {
        wake_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
        std::string lines;
        for (const std::string& each : std::exchange(waiting_, {})) lines += each;
        if (const std::uint64_t missing = std::exchange(lost_since_, 0); missing != 0)
            lines += line(clock_.wall(), "lines lost", std::vector<LogField>{{"count", std::to_string(missing)}});
        const bool last = stopping_;
        lock.unlock();
        if (!lines.empty()) put(lines);
        lock.lock();
        if (last) return;
    }
}

/// A disk that takes nothing is told of once, in the log.
void AuditLog::put(const std::string& lines) noexcept {
    for (std::size_t at = 0; at < lines.size();) {
        const ssize_t written = ::write(file_, lines.data() + at, lines.size() - at);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) {
            if (!std::exchange(failing_, true)) log_error("policy", "the audit log cannot be written", {{"file", path_.string()}, {"because", std::strerror(errno)}});
            const std::lock_guard lock(mutex_);
            const auto missing = static_cast<std::uint64_t>(std::count(lines.begin() + static_cast<std::ptrdiff_t>(at), lines.end(), '\n'));
            lost_ += missing;
            lost_since_ += missing;
            return;
        }
        at += static_cast<std::size_t>(written);
    }
    failing_ = false;
}

}  // namespace junctor
