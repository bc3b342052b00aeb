#include "core/routing/filter_seek.hpp"

#include <algorithm>

#include "core/model/topic_levels.hpp"

namespace junctor {
namespace {

// Topics hold no control characters, so that this stands behind all that is under a level and before its next neighbour.
constexpr char behind_all_under = '\x01';

int rank(char character) noexcept { return character == '/' ? -1 : static_cast<unsigned char>(character); }

}  // namespace

int topic_order(std::string_view a, std::string_view b) noexcept {
    const auto [at_a, at_b] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
    if (at_a == a.end() || at_b == b.end()) return static_cast<int>(at_b == b.end()) - static_cast<int>(at_a == a.end());
    return rank(*at_a) - rank(*at_b);
}

FilterSeek::FilterSeek(const TopicFilter& filter) : filter_(filter) {
    for (TopicLevels levels(filter.text()); !levels.done();) levels_.push_back(levels.next());
    deep_ = levels_.back() == "#";
    if (deep_) levels_.pop_back();
    for (std::size_t at = 0; at < levels_.size() && levels_[at] != "+"; ++at) {
        if (at > 0) first_ += '/';
        first_ += levels_[at];
    }
}

FilterSeek::Found FilterSeek::look(std::string_view topic) {
    TopicLevels rest(topic);
    std::size_t before = 0;  // where the present level begins
    for (std::size_t at = 0; at < levels_.size(); ++at) {
        if (rest.done()) return Found::look_further;
        const std::string_view level = rest.next();
        if (levels_[at] != "+") {
            const int order = topic_order(level, levels_[at]);
            if (order > 0) return behind(topic, before);
            if (order < 0) {
                target_.assign(topic.substr(0, before)).append(levels_[at]);
                return Found::jump;
            }
        }
        before += level.size() + 1;
    }
    if (!rest.done() && !deep_) return behind(topic, before);
    return topic.front() == '$' && !filter_.text().starts_with('$') ? Found::look_further : Found::match;
}

/// Nothing more under the level that ends before the slash at `end` - 1.
FilterSeek::Found FilterSeek::behind(std::string_view topic, std::size_t end) {
    if (end == 0) return Found::end;
    target_.assign(topic.substr(0, end - 1)).push_back(behind_all_under);
    return Found::jump;
}

}  // namespace junctor
