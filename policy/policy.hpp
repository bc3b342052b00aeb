#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "core/ports/authenticator.hpp"
#include "core/ports/authorizer.hpp"

namespace junctor {

/// The rules in force: whom to believe and what they may. One for all cores, replaced as a whole on reload. Closed by default:
/// where nobody decides, the answer is no.
struct Policy {
    std::vector<std::shared_ptr<Authenticator>> authenticators;  ///< asked in order until one does not abstain
    std::vector<std::shared_ptr<Authorizer>> authorizers;        ///< likewise

    /// Bumped by an authorizer whose answers change: every core then forgets what it remembers of them. From any thread.
    mutable std::atomic<std::uint32_t> epoch{1};
};

using PolicyPtr = std::shared_ptr<const Policy>;

/// What holds without any configuration: anonymous clients from this machine, who may do everything.
PolicyPtr default_policy();

}  // namespace junctor
