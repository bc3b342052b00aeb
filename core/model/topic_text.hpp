#pragma once

#include <string_view>

namespace junctor {

/// What one pass over a topic name or filter finds (DESIGN 3).
struct TopicText {
    bool valid = false;  ///< not empty, within the limits, UTF-8, no NUL, no control characters
    bool plus = false;   ///< holds `+` somewhere
    bool hash = false;   ///< holds `#` somewhere
};

TopicText scan_topic_text(std::string_view text) noexcept;

}  // namespace junctor
