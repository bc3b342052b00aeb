#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace junctor::test {

/// A protocol as the suite sees it: how its clients are addressed, and what its wire cannot say.
struct System {
    std::string name;
    std::string scheme;
};

inline const std::vector<System> systems{{"mqtt", "mqtt"}, {"websocket", "ws"}, {"rest", "http"}, {"zeromq", "zmq"}};

/// A protocol against a gateway with so many cores.
struct Setting {
    System system;
    unsigned cores;

    friend std::ostream& operator<<(std::ostream& out, const Setting& setting) {
        return out << setting.system.name << '_' << setting.cores << "_cores";
    }
};

inline std::vector<Setting> settings(std::initializer_list<unsigned> core_counts) {
    std::vector<Setting> all;
    for (const unsigned cores : core_counts)
        for (const System& system : systems) all.push_back({system, cores});
    return all;
}

}  // namespace junctor::test
