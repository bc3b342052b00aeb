#pragma once

#include <string_view>

namespace junctor {

/// Cuts topic names and filters at their slashes, front to back, without recursion or allocation. A text has at least one level.
class TopicLevels {
public:
    explicit TopicLevels(std::string_view text) noexcept : rest_(text) {}

    bool done() const noexcept { return done_; }

    std::string_view next() noexcept {
        const std::size_t slash = rest_.find('/');
        const std::string_view level = rest_.substr(0, slash);
        done_ = slash == rest_.npos;
        rest_.remove_prefix(done_ ? rest_.size() : slash + 1);
        return level;
    }

private:
    std::string_view rest_;
    bool done_ = false;
};

}  // namespace junctor
