#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/bridging/bridge.hpp"
#include "gateway/configuration.hpp"
#include "gateway/remote_door.hpp"

namespace junctor {

class Runtime;
class SetupProblems;

/// The bridges of a configuration. Made before the start, so that `check` finds what is wrong with them.
class Bridges {
public:
    /// Problems: a rule that is none, rules between which messages would go round, a server that cannot be.
    Bridges(const Configuration& configuration, const std::vector<Descriptor>& descriptors, SetupProblems& problems);
    ~Bridges();

    /// Registers where the servers on the other sides call, if they do. On the main thread, before the start.
    void open(Runtime& runtime, SetupProblems& problems);
    /// Where those servers call.
    const std::vector<RemoteDoor>& doors() const noexcept { return doors_; }
    /// Of what `open` registered: it stays as it is with every reload.
    const std::vector<OwnerId>& owners() const noexcept { return owners_; }
    /// When what was stored is back: each opens on its own core.
    void start(Runtime& runtime, const std::string& gateway, bool lasting, Outbound& outbound);
    /// After the cores have stopped.
    void stop() noexcept { running_.clear(); }
    std::size_t size() const noexcept { return count_; }

private:
    struct Planned {
        std::string where;  ///< for errors
        Bridge::Terms terms;
        std::unique_ptr<Backend> remote;
    };

    Planned plan(const BridgeEntry& entry, const std::vector<Descriptor>& descriptors, const Limits& limits) const;

    std::vector<Planned> planned_;
    std::vector<RemoteDoor> doors_;
    std::vector<OwnerId> owners_;
    std::vector<std::shared_ptr<Bridge>> running_;
    std::size_t count_ = 0;
};

}  // namespace junctor
