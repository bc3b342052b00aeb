#pragma once

#include <cstdint>
#include <deque>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/matrix/event_order.hpp"
#include "core/base/clock.hpp"

namespace junctor::matrix {

/// Up to where the events of each gateway have been taken in each room, so that one that comes before an earlier one is noticed. Everything
/// that has a mark and is later than `begin` said was taken by a chain that is known here. On the backend's core.
class TakenOrder {
public:
    /// Gateways times rooms; more of them, and those that have been silent for long, are forgotten, the longest silent first.
    static constexpr std::size_t most_chains = 64;
    static constexpr Duration silence = std::chrono::hours(1);
    /// Events that were taken before the homeserver pushed them, the last ones.
    static constexpr std::size_t most_early = 1'000;

    /// Whether it is known what was there before the gateway came.
    bool begun() const noexcept { return begun_; }
    /// What is not later than that, by the homeserver's clock, is none of its business.
    void begin(std::int64_t before_ms) noexcept;

    bool knows(std::string_view room, std::string_view chain) const noexcept { return last_of(room, chain) != 0; }
    /// Whether the one before it has perhaps not been taken.
    bool gap(std::string_view room, const OrderMark& mark) const noexcept;
    /// Whether one that was found in the room has not been taken.
    bool unseen(std::string_view room, const OrderMark& mark, std::int64_t at_ms) const noexcept;
    void take(std::string_view room, const OrderMark& mark, std::int64_t at_ms, TimePoint now);
    /// One was taken that is still to be pushed.
    void took_early(std::string_view room, const OrderMark& mark, std::string event);
    /// Whether one that is pushed was; asked once.
    bool was_early(std::string_view event);
    /// One that could not be kept comes anew: what was taken early right before it has to come again with it.
    void undo(std::string_view room, const OrderMark& mark);

    /// For a later run; `restore` does nothing where it is no such text.
    std::string dump(TimePoint now);
    void restore(const nlohmann::json& dumped, TimePoint now);

private:
    struct Chain {
        std::string room;
        std::string name;
        std::uint64_t number;
        std::int64_t at_ms;
        TimePoint heard;
    };
    struct Early {
        std::string event;
        std::string room;
        std::string chain;
        std::uint64_t number;
    };

    std::vector<Chain>::iterator find(std::string_view room, std::string_view name) noexcept;
    std::uint64_t last_of(std::string_view room, std::string_view name) const noexcept;
    void forget_some(TimePoint now);

    bool begun_ = false;
    std::int64_t before_ms_ = 0;
    std::vector<Chain> chains_;  ///< the one that spoke last at the end
    std::deque<Early> early_;
};

}  // namespace junctor::matrix
