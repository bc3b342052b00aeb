#pragma once

#include <array>
#include <atomic>
#include <memory>

#include "core/model/close_reason.hpp"
#include "core/observe/metrics.hpp"
#include "core/ports/host.hpp"

namespace junctor {

class TlsContext;

/// An address being served: what all its connections on all cores share. Outlives them.
struct Endpoint {
    /// What a new connection speaks.
    struct Protocol {
        StreamFactory factory;
        OwnerId owner;  ///< nobody: HTTP, where each request finds its own
    };

    Endpoint(const Address& configured, StreamFactory factory, OwnerId owner = {});

    const Address address;  ///< as bound

    // Replaced by a reload, for connections to come.
    std::atomic<std::shared_ptr<const Protocol>> protocol;
    std::atomic<std::shared_ptr<TlsContext>> tls;  ///< null: plain

    std::atomic<std::uint32_t> connections{0};  ///< open now, on all cores

    const Counter accepted;
    const Counter refused;
    const Gauge open;
    const Counter bytes_in;
    const Counter bytes_out;
    const std::array<Counter, close_reason_count> closed;
};

}  // namespace junctor
