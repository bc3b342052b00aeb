#include "core/model/verdict.hpp"

#include <algorithm>
#include <array>

namespace junctor {
namespace {

constexpr std::array<std::string_view, verb_count> names{
    "connect", "publish", "subscribe", "receive", "request", "history", "presence", "admin", "bridge",
};

}  // namespace

std::string_view to_string(Verb verb) noexcept { return names[static_cast<std::size_t>(verb)]; }

std::optional<Verb> verb_of(std::string_view text) noexcept {
    const auto found = std::find(names.begin(), names.end(), text);
    return found == names.end() ? std::nullopt : std::optional(static_cast<Verb>(found - names.begin()));
}

std::string_view to_string(Verdict::Outcome outcome) noexcept {
    switch (outcome) {
        case Verdict::Outcome::abstain: return "abstain";
        case Verdict::Outcome::allow: return "allow";
        case Verdict::Outcome::deny: return "deny";
    }
    return {};
}

}  // namespace junctor
