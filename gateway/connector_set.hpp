#pragma once

#include <memory>
#include <vector>

#include "core/base/ids.hpp"
#include "core/ports/listener.hpp"
#include "gateway/configuration.hpp"

namespace junctor {

class Runtime;
class SetupProblems;

/// The connectors of one configuration. A reload makes the next set out of the present one: what both say alike is taken over with
/// its connections. Main thread only.
class ConnectorSet {
public:
    struct Connector {
        ConnectorEntry entry;
        std::shared_ptr<Listener> listener;
        OwnerId owner;             ///< nobody until it is opened
        bool own_sockets = false;  ///< it serves without the host
        std::size_t files = 0;     ///< descriptors that those take
        bool opened = false;
        bool listening = false;  ///< with those sockets
    };

    ConnectorSet() = default;
    /// What cannot be made is not here, and said in `problems`, as are addresses that need a policy.
    ConnectorSet(const Configuration& wanted, const std::vector<Descriptor>& descriptors, const ConnectorSet& present, const Limits& limits,
                 SetupProblems& problems);

    /// Registers and opens what is not open yet, and TLS for all.
    void open(Runtime& runtime, SetupProblems& problems);

    /// Lets those that are open take addresses of their own. Throws config::ConfigError.
    void listen(Runtime& runtime, const Configuration& wanted);

    /// Those that need no opening.
    std::vector<OwnerId> kept() const;
    /// The listeners here that `next` does not have.
    std::vector<std::shared_ptr<Listener>> missing_in(const ConnectorSet& next) const;

    const std::vector<Connector>& all() const noexcept { return connectors_; }

private:
    Connector make(const ConnectorEntry& entry, const std::vector<Descriptor>& descriptors, const ConnectorSet& present, const Limits& limits);
    const Connector* find(const std::string& name) const noexcept;

    std::vector<Connector> connectors_;
    Limits limits_;
};

}  // namespace junctor
