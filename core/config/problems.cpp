#include "core/config/problems.hpp"

#include <algorithm>
#include <charconv>
#include <set>

namespace junctor::config {

namespace {

std::string joined(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) text += (text.empty() ? "" : "\n") + line;
    return text;
}

/// Takes a number with a colon before it off the text.
std::optional<int> take_number(std::string_view& text) {
    if (!text.starts_with(':')) return std::nullopt;
    int number = 0;
    const auto [rest, error] = std::from_chars(text.data() + 1, text.data() + text.size(), number);
    if (error != std::errc{}) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(rest - text.data()));
    return number;
}

}  // namespace

std::string where(const std::string& source, Position at) {
    if (at.line == 0) return source;
    return source + ":" + std::to_string(at.line) + ":" + std::to_string(at.column);
}

std::optional<Position> place_in(const std::string& source, std::string_view text) {
    if (!text.starts_with(source)) return std::nullopt;
    text.remove_prefix(source.size());
    const std::optional<int> line = take_number(text);
    const std::optional<int> column = line ? take_number(text) : std::nullopt;
    return column ? std::optional(Position{*line, *column}) : std::nullopt;
}

std::vector<std::string> Problems::lines() const {
    std::vector<Problem> sorted = found_;
    std::stable_sort(sorted.begin(), sorted.end(), [](const Problem& a, const Problem& b) { return a.at < b.at; });
    std::set<std::string_view> told;
    std::vector<std::string> lines;
    for (const Problem& problem : sorted)
        if (told.insert(problem.line).second) lines.push_back(problem.line);
    return lines;
}

ConfigError::ConfigError(std::vector<std::string> lines) : std::runtime_error(joined(lines)), lines_(std::move(lines)) {}

}  // namespace junctor::config
