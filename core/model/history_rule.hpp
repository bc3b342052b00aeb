#pragma once

#include <cstddef>
#include <cstdint>

#include "core/base/clock.hpp"
#include "core/model/topic_filter.hpp"

namespace junctor {

/// How much of the past is kept; what goes over any of them goes, oldest first.
struct HistoryBounds {
    std::uint64_t messages = 0;
    std::size_t bytes = 0;
    Duration age = Duration::max();

    friend bool operator==(const HistoryBounds&, const HistoryBounds&) = default;
};

/// Of which topics a history is kept. All that match share one history and one count of offsets.
struct HistoryRule {
    TopicFilter filter;
    HistoryBounds bounds;
};

}  // namespace junctor
