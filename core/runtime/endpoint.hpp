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
    Endpoint(const Address& configured, StreamFactory protocol);

    const Address address;  ///< as configured
    const StreamFactory factory;
    std::atomic<std::shared_ptr<TlsContext>> tls;  ///< null: plain; replaced by a reload, for connections to come

    const Counter accepted;
    const Counter refused;
    const Gauge open;
    const Counter bytes_in;
    const Counter bytes_out;
    const std::array<Counter, close_reason_count> closed;
};

}  // namespace junctor
