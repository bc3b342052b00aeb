#pragma once

#include <string>
#include <vector>

#include "core/ports/client.hpp"
#include "core/ports/descriptor.hpp"

namespace junctor {

/// What `junctor pub|sub|request` talks to: `mqtt://127.0.0.1:1883/plant/line1` is the topic `plant/line1` at that address.
struct ClientTarget {
    std::string url;  ///< without user, password, and without the path where that was the topic
    std::string user;
    std::string password;
    std::string topic;  ///< a filter for `sub`
    ClientFactory make;
};

/// Splits a URL; `topic` is the separate argument and leaves the path in the URL. Throws ClientError: an unknown scheme names the nearest.
ClientTarget client_target(const std::string& url, const std::string& topic, const std::vector<Descriptor>& descriptors);

}  // namespace junctor
