#pragma once

#include <string>
#include <vector>

#include "core/ports/host.hpp"

namespace junctor::rest {

/// One configured REST connector.
struct Settings {
    std::string name;  ///< the instance's, for credentials and logs
    Address address;
    bool tls = false;
    std::string path;  ///< `/v1`, without a slash at its end
    std::vector<std::string> origins;
    std::string cookie;  ///< whose value is a token; empty: none is

    std::string topics_prefix() const { return path + "/topics/"; }
    std::string sessions_prefix() const { return path + "/sessions/"; }
    std::string history_prefix() const { return path + "/history/"; }
    std::string requests_prefix() const { return path + "/requests/"; }
};

}  // namespace junctor::rest
