#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/model/topic_filter.hpp"

namespace junctor {

/// Level by level, so that all topics under a level stand together, right behind it: `/` comes before every other character.
/// Negative, 0 or positive as `a` is before, equal to or behind `b`.
int topic_order(std::string_view a, std::string_view b) noexcept;

/// Finds the topics that match a filter in a set ordered by `topic_order`, without looking at each: what cannot match is jumped over.
class FilterSeek {
public:
    enum class Found : std::uint8_t {
        match,
        look_further,  ///< no match; the next one may be
        jump,          ///< no match before `target()`
        end,           ///< no match from here on
    };

    explicit FilterSeek(const TopicFilter& filter);

    /// Where to begin.
    std::string_view first() const noexcept { return first_; }
    Found look(std::string_view topic);
    /// The first place where a match may stand; after `jump`, until the next `look`.
    std::string_view target() const noexcept { return target_; }

private:
    Found behind(std::string_view topic, std::size_t end);

    const TopicFilter& filter_;
    std::vector<std::string_view> levels_;
    bool deep_ = false;  ///< ends in `#`, which does not count as a level here
    std::string first_;
    std::string target_;
};

}  // namespace junctor
