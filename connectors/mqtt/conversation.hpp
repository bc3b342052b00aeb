#pragma once

#include <memory>
#include <optional>

#include "core/ports/authenticator.hpp"

namespace junctor::mqtt {

/// Finding out who a client is: the gate's side of it, and its answer until the connection takes it.
struct Conversation {
    std::unique_ptr<Authentication> authentication;
    std::optional<AuthenticationStep> answer;
};

}  // namespace junctor::mqtt
