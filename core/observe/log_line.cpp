#include "core/observe/log_line.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>
#include <nlohmann/json.hpp>

#include "core/base/utf8.hpp"

namespace junctor {

namespace {

/// The code point of one well-formed UTF-8 sequence.
char32_t code_point(std::string_view sequence) {
    const auto first = static_cast<unsigned char>(sequence.front());
    char32_t code = sequence.size() == 1 ? first : first & (0x7fU >> sequence.size());
    for (const char next : sequence.substr(1)) code = code << 6 | (static_cast<unsigned char>(next) & 0x3fU);
    return code;
}

/// Neither a control character (C0, C1) nor a mark that reorders or ends a line.
bool harmless(char32_t code) {
    if (code < 0x20 || code == '\\' || (code >= 0x7f && code < 0xa0)) return false;
    return !(code >= 0x200e && code <= 0x200f) && !(code >= 0x2028 && code <= 0x202e) && !(code >= 0x2066 && code <= 0x2069);
}

std::string byte_escapes(std::string_view bytes) {
    std::string text;
    for (const char byte : bytes) {
        std::array<char, 5> escape{};
        std::snprintf(escape.data(), escape.size(), "\\x%02x", static_cast<unsigned char>(byte));
        text += escape.data();
    }
    return text;
}

std::string escape_of(std::string_view bytes) {
    if (bytes == "\n") return "\\n";
    if (bytes == "\r") return "\\r";
    if (bytes == "\t") return "\\t";
    if (bytes == "\\") return "\\\\";
    return byte_escapes(bytes);
}

/// Escaped, and between quotes where a reader could take it for more than one field.
std::string field_value(std::string_view value) {
    const std::string text = escaped(value);
    if (!text.empty() && text.find_first_of(" \"=") == std::string::npos) return text;
    std::string within = "\"";
    for (const char letter : text) {
        if (letter == '"') within += '\\';
        within += letter;
    }
    return within + '"';
}

std::string text_line(const LogEntry& entry) {
    std::string line = iso_time(entry.at);
    std::string level(to_string(entry.level));
    level.resize(7, ' ');
    line += ' ' + level + ' ' + std::string(entry.area) + ": " + escaped(entry.message);
    for (const LogField& field : entry.fields) line += ' ' + std::string(field.name) + '=' + field_value(field.value);
    return line;
}

std::string json_line(const LogEntry& entry) {
    nlohmann::ordered_json object{
        {"time", iso_time(entry.at)}, {"level", to_string(entry.level)}, {"area", entry.area}, {"message", entry.message}};
    for (const LogField& field : entry.fields) object[std::string(field.name)] = field.value;
    constexpr bool only_ascii = true;
    return object.dump(-1, ' ', only_ascii, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace

std::string log_line(LogFormat format, const LogEntry& entry) { return format == LogFormat::json ? json_line(entry) : text_line(entry); }

std::string escaped(std::string_view text) {
    std::string result;
    while (!text.empty()) {
        const std::size_t size = utf8_sequence(text);
        const std::string_view bytes = text.substr(0, std::max<std::size_t>(size, 1));
        result += size > 0 && harmless(code_point(bytes)) ? std::string(bytes) : escape_of(bytes);
        text.remove_prefix(bytes.size());
    }
    return result;
}

std::string iso_time(WallTime at) {
    const auto since_epoch = at.time_since_epoch().count();
    const std::time_t seconds = since_epoch / 1000;
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    std::array<char, 24> date{};
    std::strftime(date.data(), date.size(), "%Y-%m-%dT%H:%M:%S", &parts);
    std::array<char, 8> milliseconds{};
    std::snprintf(milliseconds.data(), milliseconds.size(), ".%03dZ", static_cast<int>(since_epoch % 1000));
    return std::string(date.data()) + milliseconds.data();
}

std::string_view to_string(LogLevel level) noexcept {
    constexpr std::array<std::string_view, 4> names{"debug", "info", "warning", "error"};
    return names[static_cast<std::size_t>(level)];
}

}  // namespace junctor
