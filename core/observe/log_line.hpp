#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "core/base/clock.hpp"

namespace junctor {

enum class LogLevel : std::uint8_t { debug, info, warning, error };
enum class LogFormat : std::uint8_t { text, json };

struct LogField {
    std::string_view name;  ///< static text
    std::string value;      ///< anything
};

/// What one line says.
struct LogEntry {
    WallTime at;
    LogLevel level = LogLevel::info;
    std::string_view area;
    std::string_view message;
    std::span<const LogField> fields;
};

/// One line without its end: nothing in the entry can begin a second one or move a terminal's cursor (threat: log injection).
std::string log_line(LogFormat format, const LogEntry& entry);

/// `text` with control characters, line separators, text direction marks, backslashes and broken UTF-8 written as escapes.
std::string escaped(std::string_view text);

/// `2026-11-23T05:21:06.123Z`
std::string iso_time(WallTime at);

std::string_view to_string(LogLevel level) noexcept;

}  // namespace junctor
