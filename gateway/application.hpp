#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/base/clock.hpp"
#include "core/ports/listener.hpp"
#include "gateway/admin/admin_sources.hpp"
#include "gateway/configuration.hpp"
#include "gateway/start_table.hpp"

namespace junctor {

class PolicyGate;
class Runtime;

/// The whole gateway, put together from a configuration: cores with their router and policy, connectors, the admin API.
///
/// Order of use, on the main thread: construct (finds every error that needs no socket), `start`, `reload` as often as wanted,
/// `drain`, `stop`. Tests run it in their own process on ports 0.
class Application {
public:
    /// Throws config::ConfigError with everything that is wrong: routes that two connectors claim, certificates that are no good, an
    /// address that needs a policy.
    /// `clock` outlives it.
    Application(Configuration configuration, const std::vector<Descriptor>& descriptors, Clock& clock);
    ~Application();
    Application(const Application&) = delete;
    Application& operator=(const Application&) = delete;

    /// Binds, starts the cores and accepts. Throws SetupError: an address in use names its holder.
    void start();
    /// What listens where, with addresses as bound.
    std::vector<StartRow> table() const;
    /// The address as bound: port 0 resolved.
    Address bound(const Address& configured) const;
    const Configuration& configuration() const noexcept { return configuration_; }

    /// Takes what a running gateway can take (certificates, policy, log) all together, or throws SetupError or
    /// config::ConfigError and keeps the old.
    void reload(Configuration next);

    /// Stops accepting, says goodbye to every client and waits for them to go. Answers how many were still there in the end.
    std::size_t drain();
    void stop();

    GatewayState state() const noexcept { return state_.load(std::memory_order_relaxed); }

private:
    struct Connector {
        std::string name;
        std::string type;
        std::shared_ptr<Listener> listener;
    };

    void make_connector(const ConnectorEntry& entry, const std::vector<Descriptor>& descriptors);
    void check_exposure(const Configuration& configuration) const;
    void open_connector(const Connector& connector, const std::optional<TlsSettings>& tls);
    void open_admin();
    void show_connectors();
    void at_every_gate(const std::function<void(PolicyGate&)>& task);
    std::shared_ptr<const AdminSources> admin_sources();
    std::map<Address, TlsSettings> tls_by_address(const Configuration& configuration) const;

    Configuration configuration_;
    Clock& clock_;
    TimePoint started_at_;
    std::atomic<GatewayState> state_{GatewayState::starting};
    std::vector<Connector> connectors_;
    std::vector<AdminConnector> shown_connectors_;  ///< filled before `running`, then constant
    std::unique_ptr<Runtime> runtime_;
    std::vector<std::unique_ptr<PolicyGate>> gates_;  ///< one per core; lives as long as the threads
};

}  // namespace junctor
