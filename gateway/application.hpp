#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "core/base/clock.hpp"
#include "core/ports/listener.hpp"
#include "gateway/admin/admin_sources.hpp"
#include "gateway/configuration.hpp"
#include "gateway/connector_set.hpp"
#include "gateway/remote_door.hpp"
#include "gateway/start_table.hpp"
#include "policy/policy.hpp"
#include "policy/policy_parts.hpp"

namespace junctor {

class Backbone;
class Bridges;
class Metrics;
class PolicyGate;
class Recovery;
class RocksdbStore;
class Runtime;
class SetupProblems;
class StatusTopics;

namespace web {
class OutboundClient;
}

/// The whole gateway, put together from a configuration: cores with their router and policy, connectors, the admin API.
///
/// Order of use, on the main thread: construct (finds every error that needs no socket), `start`, `reload` as often as wanted,
/// `drain`, `stop`. Tests run it in their own process on ports 0.
class Application {
public:
    /// Throws config::ConfigError with everything that is wrong: what reading found, routes that two connectors claim, certificates that
    /// are no good, an address that needs a policy.
    /// `clock` outlives it.
    Application(ConfigurationReading reading, const std::vector<Descriptor>& descriptors, Clock& clock);
    /// The same with one that was read without a problem.
    Application(Configuration configuration, const std::vector<Descriptor>& descriptors, Clock& clock);
    ~Application();
    Application(const Application&) = delete;
    Application& operator=(const Application&) = delete;

    /// Opens the store, binds, starts the cores and accepts. Throws SetupError: an address or a directory in use names its holder.
    void start();
    /// What listens where, with addresses as bound.
    std::vector<StartRow> table() const;
    /// The address as bound: port 0 resolved.
    Address bound(const Address& configured) const;
    const Configuration& configuration() const noexcept { return configuration_; }

    /// Takes all of `next` or nothing: throws config::ConfigError or SetupError and keeps the old, also for what only a restart can
    /// take. New addresses accept before old ones cease; a connector that stays as it was keeps its connections.
    void reload(Configuration next);

    /// Stops accepting, says goodbye to every client and waits for them to go. Answers how many were still there in the end. An admin
    /// address of its own is served until `stop`.
    std::size_t drain();
    void stop();

    GatewayState state() const noexcept { return state_.load(std::memory_order_relaxed); }

private:
    using ShownConnectors = std::vector<AdminConnector>;

    OwnerId open_all(ConnectorSet& connectors, const Configuration& configuration, OwnerId admin, SetupProblems& problems);
    void make_parts(SetupProblems& problems);
    void open_remotes(SetupProblems& problems);
    std::vector<RemoteDoor> remote_doors() const;
    bool encrypted(const Address& address) const;
    PolicyParts policy_parts();
    void policy_changed();
    std::unique_ptr<Recovery> open_store();
    void show_connectors();
    void publish_status();
    void at_every_gate(const std::function<void(PolicyGate&)>& task);
    std::shared_ptr<const AdminSources> admin_sources(const Configuration& configuration);
    std::vector<const Metrics*> metrics() const;
    AdminStore admin_store() const;
    std::string degraded() const;

    Configuration configuration_;
    std::vector<Descriptor> descriptors_;
    Clock& clock_;
    TimePoint started_at_;
    std::atomic<GatewayState> state_{GatewayState::starting};
    bool stopped_ = false;  ///< no core runs any more
    ConnectorSet connectors_;
    std::vector<std::shared_ptr<Listener>> retired_;  ///< gone with a reload; the last of their clients may still use them
    OwnerId admin_;
    std::atomic<std::shared_ptr<const ShownConnectors>> shown_connectors_{std::make_shared<const ShownConnectors>()};
    std::unique_ptr<RocksdbStore> store_;  ///< null: nothing outlives the process
    std::unique_ptr<web::OutboundClient> outbound_;  ///< outlives whoever asks by it, in tasks that no core runs any more too
    std::unique_ptr<Runtime> runtime_;
    std::unique_ptr<Backbone> backbone_;
    std::unique_ptr<Bridges> bridges_;
    std::shared_ptr<Quotas> quotas_ = std::make_shared<Quotas>();
    const std::shared_ptr<Revocations> revocations_ = std::make_shared<Revocations>();
    PolicyPtr policy_;  ///< in force, or to be so with `start`
    std::unique_ptr<StatusTopics> status_;  ///< on the first core
    std::vector<std::unique_ptr<PolicyGate>> gates_;  ///< one per core; lives as long as the threads
};

}  // namespace junctor
