#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/ports/backend.hpp"
#include "gateway/configuration.hpp"
#include "gateway/remote_door.hpp"

namespace junctor {

class BackendLink;
class Core;
class Outbound;
class Runtime;
class SetupProblems;

/// What carries messages between gateways, as configured: the embedded backend, or a remote one that lives on the first core. Made
/// before the start, so that `check` finds what is wrong with it.
class Backbone {
public:
    /// A backend that cannot be, or does not keep the promises asked of it, is a problem.
    Backbone(const Configuration& configuration, const std::vector<Descriptor>& descriptors, SetupProblems& problems);
    ~Backbone();

    bool remote() const noexcept { return !type_.empty(); }
    /// `mqtt`, ...; empty: embedded.
    const std::string& type() const noexcept { return type_; }

    /// What else is written must suit the backend; a reload may change it.
    void check(const Configuration& configuration, SetupProblems& problems) const;

    /// Registers where the backend's server calls, if it does. On the main thread, before the start. Throws SetupError.
    void open(Runtime& runtime);
    /// Where its server calls, if it does.
    const std::optional<RemoteDoor>& door() const noexcept { return door_; }
    /// Of what `open` registered: it stays as it is with every reload.
    OwnerId owner() const noexcept { return owner_; }

    /// Finds this gateway's name: the configured one, or one that stands in the store's directory from now on, or one for this run.
    /// Throws SetupError where it cannot be written down. Before `backend_for`.
    void settle_name();
    const std::string& name() const noexcept { return name_; }
    /// The same after a restart.
    bool lasting() const noexcept { return lasting_; }

    /// What that core's router gets; the first core's first.
    std::unique_ptr<Backend> backend_for(Core& core);
    /// When what was stored is back: a remote backend begins to connect.
    void launch(Runtime& runtime, Outbound& outbound);
    /// When clients have gone: waits until the other side has what they left, and gives nothing more to this gateway for groups that nobody here is in. At
    /// most so long; false: it has not.
    bool settle(Runtime& runtime, Duration patience) const;

private:
    void check_promises(const config::Section& section, SetupProblems& problems) const;

    std::string type_;
    std::string name_;
    std::filesystem::path name_file_;  ///< empty: nothing outlives the process
    bool lasting_ = false;
    BackendTraits traits_;
    std::optional<RemoteDoor> door_;
    OwnerId owner_;
    std::unique_ptr<Backend> remote_;  ///< until the first core has it
    BackendLink* home_ = nullptr;      ///< lives as long as its gate
};

}  // namespace junctor
