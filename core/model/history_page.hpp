#pragma once

#include <string>
#include <vector>

#include "core/model/envelope.hpp"
#include "core/model/errc.hpp"
#include "core/model/history_position.hpp"
#include "core/model/topic_filter.hpp"

namespace junctor {

/// Where in a history somebody begins.
struct HistoryStart {
    enum class From : std::uint8_t {
        first,  ///< the oldest message that is kept
        after,  ///< what came after `position`
        now,    ///< nothing of the past; only where it ends is of interest
    };

    From from = From::first;
    HistoryPosition position;

    friend bool operator==(const HistoryStart&, const HistoryStart&) = default;
};

/// What a history can say to a `HistoryStart`.
enum class Resumption : std::uint8_t {
    unasked,  ///< nobody wanted to know
    exact,    ///< all that was asked for is there
    gap,      ///< some of it is gone, or the history is another one by now: what is left follows
    none,     ///< no history is kept of all that the filter matches
};

/// `exact`, `gap`, `none`: as clients see it in every protocol.
constexpr std::string_view to_string(Resumption how) noexcept {
    constexpr std::string_view names[] = {"unasked", "exact", "gap", "none"};
    return names[static_cast<std::size_t>(how)];
}

/// How a subscription with a `HistoryStart` begins.
struct HistoryOutcome {
    Resumption how = Resumption::unasked;
    HistoryPosition after;  ///< what came after this one follows, in order; not with `none`

    friend bool operator==(const HistoryOutcome&, const HistoryOutcome&) = default;
};

/// A part of a history is asked for.
struct HistoryQuestion {
    static constexpr std::size_t all = SIZE_MAX;

    TopicFilter filter;
    HistoryStart start;
    std::size_t most_messages = 0;
    std::size_t most_bytes = 0;  ///< a first message comes even where it is larger
};

/// The answer.
struct HistoryPage {
    Errc code = Errc::ok;  ///< Errc::denied: the policy says no, and everything else is empty
    std::string reason;    ///< for people
    HistoryOutcome outcome;
    HistoryPosition next;  ///< where to go on; what lies between and is not in `messages` matches not, is expired, or must not be seen
    HistoryPosition last;  ///< the end of the history when it was read
    std::vector<EnvelopePtr> messages;

    bool complete() const noexcept { return next == last; }
};

}  // namespace junctor
