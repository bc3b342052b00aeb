#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "connectors/vertx/settings.hpp"
#include "connectors/vertx/sockjs_desk.hpp"
#include "core/ports/listener.hpp"

namespace junctor::vertx {

/// One place where clients of the event bus bridge come in: by TCP, or, with a path, by WebSocket, raw and in the framing of SockJS, and by the
/// requests with which SockJS does without one.
class VertxListener final : public Listener, public std::enable_shared_from_this<VertxListener> {
public:
    struct Options {
        Address address;
        std::optional<std::string> path;   ///< `/eventbus`: at an address that HTTP shares; none: the TCP bridge
        std::vector<std::string> origins;  ///< web pages that may connect besides those of the same origin
        bool encrypted = false;            ///< for the URL that start shows
    };

    VertxListener(Options options, Ref<const Settings> settings) : options_(std::move(options)), settings_(std::move(settings)) {}

    void open(Host& host) override;
    std::vector<Endpoint> endpoints(const Host& host) const override;
    std::vector<Address> addresses() const override { return {options_.address}; }
    void drain() noexcept override;

private:
    void serve_websocket(const std::string& path, bool sockjs) const;
    void serve_info() const;
    void serve_sessions(const char* method);
    SockJsDesk& desk_of(Core& core);

    Options options_;
    Ref<const Settings> settings_;
    Host* host_ = nullptr;
    std::vector<std::unique_ptr<SockJsDesk>> desks_;  ///< one per core, each made and used on its own core only
};

}  // namespace junctor::vertx
