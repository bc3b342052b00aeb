#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "connectors/matrix/codec.hpp"
#include "connectors/matrix/event_order.hpp"
#include "connectors/matrix/taken_order.hpp"

namespace junctor::matrix {

/// The way back from an event to those of the same gateway before it that have not been taken: each names the one before. Whatever a
/// room holds, this comes to an end: each step leads to the number before, in the same chain. On the backend's core.
class MissingEvents {
public:
    static constexpr std::size_t most_events = 1'000;
    static constexpr std::size_t most_bytes = 16U << 20;

    struct Found {
        RoomEvent event;
        OrderMark mark;
    };
    enum class Next : std::uint8_t {
        ask,       ///< for the event `wanted`
        complete,  ///< nothing is missing any more
        broken,    ///< what was found is not what came before
        too_many,
    };

    MissingEvents(std::string room, OrderMark of) : room_(std::move(room)), mark_(std::move(of)) {}

    const std::string& room() const noexcept { return room_; }
    const std::string& chain() const noexcept { return mark_.chain; }
    const std::string& wanted() const noexcept { return mark_.after; }
    /// An answer in so many bytes.
    Next found(RoomEvent event, std::size_t bytes, const TakenOrder& taken);
    /// What was found, the oldest first.
    std::vector<Found> finish();

private:
    std::string room_;
    OrderMark mark_;  ///< of the one before which something is missing
    std::vector<Found> found_;
    std::size_t bytes_ = 0;
};

}  // namespace junctor::matrix
