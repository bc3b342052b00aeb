#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "core/base/clock.hpp"
#include "core/model/principal.hpp"
#include "core/observe/metrics.hpp"
#include "policy/tenants.hpp"

namespace junctor {

class Core;
class Outbound;

/// What a plug-in of the policy may use: while it is made, and for as long as it lives by a copy of the members that it needs.
/// Making one must not talk to anybody (`junctor check` makes them too): what goes on by itself begins in `start()`.
struct PolicyParts {
    // Lent by the gateway. The functions may be called from any thread.
    const Clock& clock;
    /// Runs a task on that core, soon: an answer is due on the core that asked (`Credentials::core`, `Question::core`).
    std::function<void(CoreId, std::function<void(Core&)>)> post;
    /// "From now on my answers may be others": every core forgets what it remembers, and asks again about what is open.
    std::function<void()> changed;
    /// The numbers of a core: only on that core's thread. Elsewhere: post.
    std::function<Metrics&(CoreId)> metrics;
    /// The way to servers elsewhere, for as long as any core runs. Null only where nothing is ever asked.
    Outbound* outbound = nullptr;
    /// Of the configuration file: where relative paths begin. Those in fields of Type::path have been completed already.
    std::filesystem::path directory;
    std::shared_ptr<Tenants> tenants;

    // Of this entry.
    std::string name{};    ///< unique among the authenticators, or the authorizers
    std::string tenant{};  ///< where those belong of whom nothing else says it; empty: the default tenant
    bool alone = false;    ///< there is no other entry in its list

    /// Somebody who has been found out. `claimed`: the tenant that the credentials name, which counts before the entry's; empty: none.
    /// Null: no such tenant; deny. Groups, attributes and time are set by the caller, before it is shared.
    Ref<Principal> principal(std::string principal_name, std::string_view claimed = {}) const;
};

}  // namespace junctor
