#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/ports/authenticator.hpp"
#include "core/ports/authorizer.hpp"
#include "policy/audit_log.hpp"
#include "policy/quotas.hpp"
#include "policy/tenants.hpp"

namespace junctor {

/// The rules in force: whom to believe and what they may. One for all cores, replaced as a whole on reload. Closed by default:
/// where nobody decides, the answer is no.
struct Policy {
    using Authenticators = std::vector<std::shared_ptr<Authenticator>>;

    Authenticators authenticators;  ///< asked in order until one does not abstain
    std::map<std::string, Authenticators, std::less<>> chains;  ///< by connector: of those that ask others, or in another order
    std::vector<std::shared_ptr<Authorizer>> authorizers;       ///< all are asked: one deny is a deny

    /// Bumped by an authorizer whose answers change: every core then forgets what it remembers of them. From any thread.
    mutable std::atomic<std::uint32_t> epoch{1};

    Quotas::Limits limits{};          ///< what connections, principals and tenants may take
    std::shared_ptr<AuditLog> audit;  ///< null: none
    std::shared_ptr<Tenants> tenants = std::make_shared<Tenants>();

    /// Whom that connector asks.
    const Authenticators& chain(std::string_view connector) const noexcept {
        const auto own = chains.find(connector);
        return own == chains.end() ? authenticators : own->second;
    }
    /// Whether nobody vouches any more for one who is here: see `Authenticator::disowns`.
    bool disowns(const Principal& principal) const noexcept;
    /// From now on it is in force.
    void start() const;
};

using PolicyPtr = std::shared_ptr<const Policy>;

/// What holds without any configuration: anonymous clients from this machine, who may do everything.
PolicyPtr default_policy();

}  // namespace junctor
