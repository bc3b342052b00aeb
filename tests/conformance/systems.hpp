#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "core/model/envelope.hpp"

namespace junctor::test {

/// A protocol as the suite sees it: how its clients are addressed, and what its wire cannot say.
struct System {
    std::string name;
    std::string scheme;
    Qos max_qos = Qos::exactly_once;
    bool wildcards = true;
    bool retains = true;
    bool repeats_headers = true;  ///< several of one name cross
    bool durable = true;          ///< named sessions, and histories
};

inline const std::vector<System> systems{{"mqtt", "mqtt"}, {"websocket", "ws"}, {"rest", "http"}, {"zeromq", "zmq"},
                                        {"vertx", "vertx", Qos::at_most_once, false, false, false, false}};

/// The same protocols by other transports: encrypted, and MQTT in WebSocket frames.
inline const std::vector<System> transports{{"mqtt_tls", "mqtts"},   {"mqtt_websocket", "mqtt+ws"}, {"mqtt_websocket_tls", "mqtt+wss"},
                                           {"websocket_tls", "wss"}, {"rest_tls", "https"},
                                           {"vertx_tls", "vertxs", Qos::at_most_once, false, false, false, false}};

/// A protocol against a gateway with so many cores.
struct Setting {
    System system;
    unsigned cores;

    friend std::ostream& operator<<(std::ostream& out, const Setting& setting) {
        return out << setting.system.name << '_' << setting.cores << "_cores";
    }
};

/// Every protocol by every transport. `durable`: only protocols that have named sessions and histories.
inline std::vector<Setting> settings(std::initializer_list<unsigned> core_counts, bool durable = false) {
    std::vector<Setting> all;
    for (const unsigned cores : core_counts)
        for (const auto& list : {systems, transports})
            for (const System& system : list)
                if (system.durable || !durable) all.push_back({system, cores});
    return all;
}

}  // namespace junctor::test
