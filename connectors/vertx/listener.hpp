#pragma once

#include <optional>
#include <string>
#include <vector>

#include "connectors/vertx/settings.hpp"
#include "core/ports/listener.hpp"

namespace junctor::vertx {

/// One place where clients of the event bus bridge come in: by TCP, or, with a path, by WebSocket, raw and in the framing of SockJS.
class VertxListener final : public Listener {
public:
    struct Options {
        Address address;
        std::optional<std::string> path;   ///< `/eventbus`: an address that HTTP shares; none: the TCP bridge
        std::vector<std::string> origins;  ///< web pages that may connect besides those of the same origin
        bool encrypted = false;            ///< for the URL that start shows
    };

    VertxListener(Options options, Ref<const Settings> settings) : options_(std::move(options)), settings_(std::move(settings)) {}

    void open(Host& host) override;
    std::vector<Endpoint> endpoints(const Host& host) const override;
    std::vector<Address> addresses() const override { return {options_.address}; }

private:
    void serve(Host& host, const std::string& path, bool sockjs) const;

    Options options_;
    Ref<const Settings> settings_;
};

}  // namespace junctor::vertx
