#pragma once

#include <stdexcept>
#include <string>
#include <vector>

namespace junctor::config {

/// Where something stands in a document; lines and columns count from 1, 0 is "nowhere in particular".
struct Position {
    int line = 0;
    int column = 0;

    friend auto operator<=>(const Position&, const Position&) = default;
};

/// `file:line:column`, as editors understand it.
std::string where(const std::string& source, Position at);

/// Everything that is wrong with a document, found in one go.
class Problems {
public:
    explicit Problems(std::string source) : source_(std::move(source)) {}

    void add(Position at, std::string sentence) { found_.push_back({at, std::move(sentence)}); }
    bool empty() const noexcept { return found_.empty(); }
    const std::string& source() const noexcept { return source_; }
    /// One line `file:line:column: sentence` each, in the order of the document.
    std::vector<std::string> lines() const;

private:
    struct Problem {
        Position at;
        std::string sentence;
    };
    std::string source_;
    std::vector<Problem> found_;
};

/// A configuration that cannot be used. `what()` is all its problems, one per line.
class ConfigError : public std::runtime_error {
public:
    explicit ConfigError(std::vector<std::string> lines);
    const std::vector<std::string>& lines() const noexcept { return lines_; }

private:
    std::vector<std::string> lines_;
};

}  // namespace junctor::config
