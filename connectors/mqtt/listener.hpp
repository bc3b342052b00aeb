#pragma once

#include <optional>
#include <string>
#include <vector>

#include "connectors/mqtt/settings.hpp"
#include "core/ports/listener.hpp"

namespace junctor::mqtt {

/// MQTT clients on one address: over TCP or TLS, or over WebSocket at a path (section 6: subprotocol `mqtt`, a byte stream in
/// binary frames).
class MqttListener final : public Listener {
public:
    struct Options {
        Address address;
        std::optional<std::string> path;   ///< WebSocket
        std::vector<std::string> origins;  ///< with a path: foreign web pages that may connect
        bool encrypted = false;            ///< the address has TLS; for what clients are shown
    };

    MqttListener(Options options, Ref<const Settings> settings) noexcept;

    void open(Host& host) override;
    std::vector<Endpoint> endpoints(const Host& host) const override;
    std::vector<Address> addresses() const override;

private:
    Options options_;
    Ref<const Settings> settings_;
};

}  // namespace junctor::mqtt
