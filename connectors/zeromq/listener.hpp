#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "connectors/zeromq/door.hpp"
#include "connectors/zeromq/libzmq_sockets.hpp"
#include "core/config/schema.hpp"
#include "core/model/limits.hpp"
#include "core/ports/listener.hpp"

namespace junctor::zeromq {

/// The addresses of one connector instance; a door without an address is not opened.
struct ListenerSettings {
    std::string name;
    std::optional<Address> publish;
    std::optional<Address> subscribe;
    std::optional<Address> request;
    SocketOptions socket;
    Duration idle_timeout = std::chrono::minutes(5);
    bool retained = true;  ///< for SUB sockets
    std::string public_key;  ///< with CURVE: what clients have to know
};

/// Throws SetupError for a value that cannot be served.
ListenerSettings listener_settings(const std::string& name, const config::Section& section, const Limits& limits);

/// Up to three doors for ZeroMQ sockets, on one home core.
class ZeromqListener final : public Listener {
public:
    explicit ZeromqListener(ListenerSettings settings);

    /// What there is to find wrong was found in the settings.
    void open(Host&) override {}
    void listen(Host& host) override;
    std::vector<Endpoint> endpoints(const Host& host) const override;
    std::vector<Address> addresses() const override;
    void drain() noexcept override;

private:
    CoreId home_in(const Host& host) const noexcept;
    template <class DoorKind>
    void open_door(Host& host, const std::optional<Address>& address, std::shared_ptr<Door>& door);

    ListenerSettings settings_;
    LibzmqSockets sockets_;  ///< outlives the doors
    std::shared_ptr<Zap> zap_;
    std::shared_ptr<Door> publish_;
    std::shared_ptr<Door> subscribe_;
    std::shared_ptr<Door> request_;
};

}  // namespace junctor::zeromq
