#pragma once

#include "core/model/topic_filter.hpp"

namespace junctor {

/// Does every topic that `narrow` matches match `wide` too? Of the same tenant; exact, not a guess.
bool covers(const TopicFilter& wide, const TopicFilter& narrow) noexcept;

/// Is there a topic that both match? Of the same tenant; exact too.
bool overlap(const TopicFilter& one, const TopicFilter& other) noexcept;

}  // namespace junctor
