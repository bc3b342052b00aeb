#pragma once

#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>

#include "core/observe/log_line.hpp"

namespace junctor {

/// Lines that wait for a slow reader; the oldest goes when there is one more.
inline constexpr std::size_t log_queue_lines = 2'048;

/// Writes one line. Any thread; never blocks (a full queue drops its oldest lines) and never throws. `area` is static text: `mqtt`,
/// `http`, ...; each area writes at most so many lines a second, and the first line after a gap says how many are missing.
/// Texts may come from anyone: control bytes are escaped, long values cut. Secrets never belong here.
void log(LogLevel level, std::string_view area, std::string_view message, std::initializer_list<LogField> fields = {}) noexcept;

inline void log_debug(std::string_view area, std::string_view message, std::initializer_list<LogField> fields = {}) noexcept {
    log(LogLevel::debug, area, message, fields);
}
inline void log_info(std::string_view area, std::string_view message, std::initializer_list<LogField> fields = {}) noexcept {
    log(LogLevel::info, area, message, fields);
}
inline void log_warning(std::string_view area, std::string_view message, std::initializer_list<LogField> fields = {}) noexcept {
    log(LogLevel::warning, area, message, fields);
}
inline void log_error(std::string_view area, std::string_view message, std::initializer_list<LogField> fields = {}) noexcept {
    log(LogLevel::error, area, message, fields);
}

/// Lines below `level` are not written. Takes effect at once on every thread. At first: info, text.
void configure_log(LogLevel level, LogFormat format) noexcept;

/// Where whole lines go instead of standard error; null: back to it. For tests. Called on the logging thread.
void redirect_log(std::function<void(std::string_view line)> sink);

/// How many lines a slow reader has cost since the start. Any thread.
std::uint64_t log_lines_lost() noexcept;

/// Waits until everything logged so far is written. At the end of the process.
void flush_log() noexcept;

}  // namespace junctor
