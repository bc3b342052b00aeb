#pragma once

#include <memory>
#include <string>
#include <unordered_map>

#include "connectors/vertx/settings.hpp"
#include "connectors/vertx/sockjs_session.hpp"
#include "core/ports/http.hpp"

namespace junctor::vertx {

/// The sessions of SockJS without a WebSocket that live on one core, and the requests that they are made of. Every request of a session is
/// served there.
class SockJsDesk final : public SockJsSession::Owner {
public:
    /// `prefix`: so many bytes of a path stand before `<server>/<session>/<what>`.
    SockJsDesk(Core& core, Ref<const Settings> settings, std::size_t prefix) : core_(core), settings_(std::move(settings)), prefix_(prefix) {}

    static CoreId home_of(const HttpRequest& request, std::size_t prefix, const Core& core);

    void serve(const std::shared_ptr<HttpExchange>& exchange);
    /// Whether a large message may come.
    void admit(const std::shared_ptr<HttpExchange>& exchange);
    /// Says goodbye to all; nobody comes in any more.
    void drain() noexcept;

private:
    struct Place {
        std::string shown;  ///< by whoever began the session: whoever goes on shows the same
        std::unique_ptr<SockJsSession> session;
    };

    void wait(const std::shared_ptr<HttpExchange>& exchange, const std::string& name, SockJsTransport transport);
    void take(const std::shared_ptr<HttpExchange>& exchange, const std::string& name);
    /// Null, and answered, where there is no such session or it is somebody else's.
    SockJsSession* session_of(HttpExchange& exchange, const std::string& name);
    SockJsSession* begin(HttpExchange& exchange, const std::string& name);
    bool crowded() const noexcept;
    std::string shown_by(const HttpRequest& request) const;
    void known() noexcept override { --strangers_; }
    void over(const std::string& name) noexcept override;

    Core& core_;
    Ref<const Settings> settings_;
    std::size_t prefix_;
    std::unordered_map<std::string, Place> places_;
    std::size_t strangers_ = 0;  ///< sessions of which nobody knows yet whose they are
    bool draining_ = false;
};

}  // namespace junctor::vertx
