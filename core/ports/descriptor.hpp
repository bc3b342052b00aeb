#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/config/schema.hpp"
#include "core/model/limits.hpp"
#include "core/ports/backend.hpp"
#include "core/ports/client.hpp"
#include "core/ports/listener.hpp"

namespace junctor {

/// What the administrator of a backend's server installs there so that it knows the gateway.
struct Registration {
    std::string suffix;    ///< of the file's name, before its extension: where there are several
    std::string document;  ///< with secrets in it
};

/// What one connector folder offers. The build collects `junctor::<folder>::descriptor()` of every folder into a table.
struct Descriptor {
    std::string name;     ///< `type:` in the configuration
    std::string summary;  ///< one sentence for `junctor plugins`
    config::Schema fields;  ///< of one entry under `connectors:`, besides the common `type`, `name` and, where it `takes_tls`, `tls`
    bool takes_tls = true;  ///< it serves through the host, which then encrypts the address
    std::size_t descriptors_per_address = 0;  ///< file descriptors that an address takes which it does not serve through the host, about
    /// Instances that run when nothing is configured: entries as they would stand in the file, in YAML flow style without `type`.
    std::vector<std::string> defaults;
    /// `name` is the instance's, for logs and labels. Absent: the folder offers no listener.
    std::function<std::shared_ptr<Listener>(const std::string& name, const config::Section&, const Limits&)> make_listener;
    std::map<std::string, ClientFactory> clients;  ///< by URL scheme
    config::Schema backend_fields;  ///< of `backend:` with this `type`
    /// A remote backend, not started. Throws SetupError. Absent: the folder offers none.
    std::function<std::unique_ptr<Backend>(const config::Section&, const Limits&)> make_backend;
    /// What this configuration of the backend needs there. Throws SetupError where that is nothing. Absent: it never is anything.
    std::function<std::vector<Registration>(const config::Section&)> registrations;
};

}  // namespace junctor
