#include "core/config/problems.hpp"

#include <algorithm>

namespace junctor::config {

namespace {

std::string joined(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) text += (text.empty() ? "" : "\n") + line;
    return text;
}

}  // namespace

std::string where(const std::string& source, Position at) {
    if (at.line == 0) return source;
    return source + ":" + std::to_string(at.line) + ":" + std::to_string(at.column);
}

std::vector<std::string> Problems::lines() const {
    std::vector<Problem> sorted = found_;
    std::stable_sort(sorted.begin(), sorted.end(), [](const Problem& a, const Problem& b) { return a.at < b.at; });
    std::vector<std::string> lines;
    for (const Problem& problem : sorted) lines.push_back(where(source_, problem.at) + ": " + problem.sentence);
    return lines;
}

ConfigError::ConfigError(std::vector<std::string> lines) : std::runtime_error(joined(lines)), lines_(std::move(lines)) {}

}  // namespace junctor::config
