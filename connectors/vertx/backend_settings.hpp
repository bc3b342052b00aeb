#pragma once

#include <string>
#include <vector>

#include "connectors/vertx/address_table.hpp"
#include "core/base/clock.hpp"
#include "core/config/schema.hpp"

namespace junctor::vertx {

/// How the gateway is a client of a Vert.x application's TCP bridge: `backend: {type: vertx, ...}` and `bridges:`.
struct BackendSettings {
    std::string host;
    std::string port;
    bool tls = false;
    std::string ca_file;      ///< empty: the system's
    std::string certificate;  ///< of this client, with `key`; empty: none
    std::string key;
    std::string address = "junctor";  ///< by which everything travels that has no address of its own
    std::vector<MappedAddress> addresses;
    std::size_t waiting = 10'000;        ///< messages that the bridge has not confirmed, at most
    std::size_t max_payload = 8 << 20;   ///< bytes
    Duration keep_alive = std::chrono::seconds(5);
};

/// A frame of the bridge brings at most what gateways may send, which escapes and base64 make longer, and what stands around it.
constexpr std::size_t largest_frame(std::size_t payload) noexcept { return payload * 6 + (1 << 20); }

/// What may stand in the configuration.
config::Schema backend_fields();

/// Throws SetupError where the URL or an address is no good, or a certificate has no key.
BackendSettings read_backend_settings(const config::Section& section);

}  // namespace junctor::vertx
