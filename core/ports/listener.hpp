#pragma once

#include <string>
#include <vector>

#include "core/base/setup_error.hpp"
#include "core/ports/host.hpp"

namespace junctor {

/// One configured connector: how clients of its system come in.
///
/// Made and opened on the main thread. `open` registers with the host and must not accept before the host starts.
/// Protocol objects that it makes live on their cores and hold the listener by shared ownership.
class Listener {
public:
    virtual ~Listener() = default;

    /// One row of the table that start prints.
    struct Endpoint {
        std::string address;  ///< as clients write it: `mqtt://127.0.0.1:1883`
        std::string proof;    ///< a command to copy that shows it working
    };

    /// Throws SetupError. Whoever only checks a configuration calls this too: it takes no address.
    virtual void open(Host& host) = 0;
    /// Only for listeners with sockets of their own: takes its addresses, and accepts. Once, after `open`, when a gateway starts or a reload
    /// has found everything else good. Throws SetupError.
    virtual void listen(Host&) {}
    virtual std::vector<Endpoint> endpoints(const Host& host) const = 0;
    /// Every address that this listener makes reachable, for the rule "loopback or a policy".
    virtual std::vector<Address> addresses() const = 0;
    /// Only for listeners with sockets of their own: stop accepting, say goodbye. Streams are drained by the host.
    virtual void drain() noexcept {}
};

}  // namespace junctor
