#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace junctor {

/// A place in a history: which one, and after which message. Whoever names the last position it has seen gets exactly what came after.
struct HistoryPosition {
    std::uint64_t epoch = 0;   ///< drawn when the history began; another one means that its past is gone
    std::uint64_t offset = 0;  ///< of a message, counted from 1; 0: before the first

    friend constexpr auto operator<=>(const HistoryPosition&, const HistoryPosition&) = default;
};

/// An epoch by itself: 16 hexadecimal digits.
std::string epoch_text(std::uint64_t epoch);
std::optional<std::uint64_t> parse_epoch(std::string_view text) noexcept;

/// `9f86d081884c7d65-17`: the epoch in 16 hexadecimal digits, the offset in decimal. As clients see it in every protocol.
std::string to_string(HistoryPosition position);
std::optional<HistoryPosition> parse_history_position(std::string_view text) noexcept;

}  // namespace junctor
