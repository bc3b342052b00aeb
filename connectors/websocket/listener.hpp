#pragma once

#include <string>
#include <vector>

#include "connectors/websocket/settings.hpp"
#include "core/ports/listener.hpp"

namespace junctor::websocket {

/// One place where clients of the JSON protocol come in: a path on an address that HTTP shares.
class WebSocketListener final : public Listener {
public:
    struct Options {
        Address address;
        std::string path;
        std::vector<std::string> origins;  ///< web pages that may connect besides those of the same origin
        bool encrypted = false;            ///< for the URL that start shows
    };

    WebSocketListener(Options options, Ref<const Settings> settings) : options_(std::move(options)), settings_(std::move(settings)) {}

    void open(Host& host) override;
    std::vector<Endpoint> endpoints(const Host& host) const override;
    std::vector<Address> addresses() const override { return {options_.address}; }

private:
    Options options_;
    Ref<const Settings> settings_;
};

}  // namespace junctor::websocket
