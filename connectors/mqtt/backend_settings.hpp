#pragma once

#include <string>

#include "core/base/clock.hpp"
#include "core/config/schema.hpp"

namespace junctor::mqtt {

/// How the gateway is a client of a broker: `backend: {type: mqtt, ...}` and `bridges:`.
struct BackendSettings {
    std::string server;         ///< as Paho writes it: `tcp://host:port`, `ssl://host:port`
    bool v5 = true;             ///< else 3.1.1
    std::string user;
    std::string password;
    std::string ca_file;        ///< empty: the system's
    std::string certificate;    ///< of this client, with `key`; empty: none
    std::string key;
    std::string client_id;      ///< empty: made of the gateway's name
    std::string control = "junctor";  ///< first level of what is the gateways' own
    int in_flight = 1'000;      ///< messages that the broker has not acknowledged, at most
    std::size_t waiting = 10'000;     ///< messages that wait for room among those, at most
    Duration keep_alive = std::chrono::seconds(10);
    Duration session_expiry = std::chrono::hours(1);
    bool acknowledge_stored = false;  ///< messages of QoS 1 are acknowledged when they are stored, one after the other
};

/// What may stand in the configuration.
config::Schema backend_fields();

/// Throws SetupError where the URL or the control level is no good, or a certificate has no key.
BackendSettings read_backend_settings(const config::Section& section);

}  // namespace junctor::mqtt
