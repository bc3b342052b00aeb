#pragma once

#include <string>
#include <vector>

#include "core/ports/listener.hpp"

namespace junctor::websocket {

/// One place where clients of the JSON protocol come in: a path on an address that HTTP shares.
class WebSocketListener final : public Listener {
public:
    struct Options {
        std::string name;  ///< of the configured connector
        Address address;
        std::string path;
        std::vector<std::string> origins;  ///< web pages that may connect besides those of the same origin
        bool encrypted = false;            ///< for the URL that start shows
        std::chrono::seconds ping_interval{30};  ///< silence after which a peer is asked for a sign of life; zero: never
    };

    explicit WebSocketListener(Options options) : options_(std::move(options)) {}

    void open(Host& host) override;
    std::vector<Endpoint> endpoints(const Host& host) const override;
    std::vector<Address> addresses() const override { return {options_.address}; }

private:
    Options options_;
};

}  // namespace junctor::websocket
