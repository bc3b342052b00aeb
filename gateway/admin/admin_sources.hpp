#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/base/clock.hpp"
#include "core/ports/session.hpp"
#include "policy/explanation.hpp"
#include "policy/revocation_sweep.hpp"
#include "policy/revocations.hpp"

namespace junctor {

enum class GatewayState : std::uint8_t { starting, running, draining };

/// One connector as `/v1/connectors` shows it.
struct AdminConnector {
    std::string name;
    std::string type;
    std::vector<std::string> addresses;
};

/// The durable store as `/` shows it.
struct AdminStore {
    std::string dir;      ///< empty: there is none
    std::string failure;  ///< why nothing can be written at present; empty: it can
    std::string damage;   ///< what the start found damaged; empty: nothing
};

/// What the admin API tells. Every function is called on any core.
struct AdminSources {
    std::function<GatewayState()> state;
    std::function<Duration()> uptime;
    std::function<std::string()> metrics;
    std::function<std::vector<AdminConnector>()> connectors;
    std::function<AdminStore()> store;
    /// On the session's core, where `done` is called: `PolicyGate::explain_when_known`.
    std::function<void(CoreId, const Session&, Verb, std::string_view object, std::function<void(const Session*, const Explanation&)> done)> explain;
    /// On that core: `PolicyGate::revoke`.
    std::function<Result<void>(CoreId, const Principal& by, Revocation, std::function<void()> kept)> revoke;
    /// On the session's core: `PolicyGate::end`.
    std::function<void(CoreId, const Principal& by, Session&)> end;
    /// The tenant of that name, on that core; nothing: there is none.
    std::function<std::optional<TenantId>(CoreId, std::string_view name)> tenant;
    std::function<std::string()> degraded;  ///< what does not work at present; empty: everything does
    std::vector<std::string> host_names;  ///< besides numeric addresses and localhost
};

}  // namespace junctor
