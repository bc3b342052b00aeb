#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/clock.hpp"

namespace junctor {

/// What somebody wants to do (DESIGN 4).
enum class Verb : std::uint8_t { connect, publish, subscribe, receive, request, history, presence, admin, bridge };

inline constexpr std::size_t verb_count = static_cast<std::size_t>(Verb::bridge) + 1;

std::string_view to_string(Verb verb) noexcept;
/// Nothing for a text that is none.
std::optional<Verb> verb_of(std::string_view text) noexcept;
/// Is it about a topic or filter?
constexpr bool has_object(Verb verb) noexcept { return verb != Verb::connect && verb != Verb::admin; }

/// What an authorizer says, and why. `abstain` leaves it to the next one; nobody left means deny.
struct Verdict {
    enum class Outcome : std::uint8_t { abstain, allow, deny };

    Outcome outcome = Outcome::abstain;
    std::string reason;  ///< for people; may reach the client
    std::string rule;    ///< which rule decided, for operators only
    Duration valid_for = Duration::max();  ///< how long it may be remembered; zero: it counts for those who wait for it

    bool allowed() const noexcept { return outcome == Outcome::allow; }
};

std::string_view to_string(Verdict::Outcome outcome) noexcept;

}  // namespace junctor
