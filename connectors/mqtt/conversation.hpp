#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "core/ports/gate.hpp"

namespace junctor::mqtt {

/// Finding out who a client is and whether it may come in: the gate's side of it, and its answer until the connection takes it.
struct Conversation {
    std::unique_ptr<Authentication> authentication;
    std::optional<AuthenticationStep> answer;
    std::vector<std::unique_ptr<VerdictWait>> verdicts;  ///< waited for, or known at least until this goes
    std::unique_ptr<Will> will;
};

}  // namespace junctor::mqtt
