#pragma once

#include <cstdint>
#include <string_view>

namespace junctor {

/// Why a message that waited for a durable session is not delivered.
enum class Loss : std::uint8_t { overflow, expired, denied };

/// As in metrics labels and dead letters.
constexpr std::string_view to_string(Loss loss) noexcept {
    switch (loss) {
    case Loss::overflow: return "offline_queue_full";
    case Loss::expired: return "expired";
    case Loss::denied: return "denied";
    }
    return {};
}

}  // namespace junctor
