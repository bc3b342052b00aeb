#include "core/model/verdict.hpp"

#include <array>

namespace junctor {

std::string_view to_string(Verb verb) noexcept {
    static constexpr std::array<std::string_view, verb_count> names{
        "connect", "publish", "subscribe", "receive", "request", "history", "presence", "admin", "bridge",
    };
    return names[static_cast<std::size_t>(verb)];
}

}  // namespace junctor
