#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
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

/// The other way round: the place in `source` that a text begins with; none where it begins with anything else.
std::optional<Position> place_in(const std::string& source, std::string_view text);

/// Everything that is wrong with a document, found in one go.
class Problems {
public:
    explicit Problems(std::string source) : source_(std::move(source)) {}

    void add(Position at, const std::string& sentence) { add_line(at, where(source_, at) + ": " + sentence); }
    /// A line that says itself where, possibly in another file; it is told with what stands at `at`.
    void add_line(Position at, std::string line) { found_.push_back({at, std::move(line)}); }
    bool empty() const noexcept { return found_.empty(); }
    const std::string& source() const noexcept { return source_; }
    /// One line `file:line:column: sentence` each, in the order of the document, none twice.
    std::vector<std::string> lines() const;

private:
    struct Problem {
        Position at;
        std::string line;
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
