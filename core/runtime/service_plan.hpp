#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/ports/host.hpp"
#include "core/runtime/http_routes.hpp"
#include "core/runtime/tls_context.hpp"

namespace junctor {

/// What is to be served where, and for whom: registrations, before there is any socket.
class ServicePlan {
public:
    struct Owner {
        OwnerId id;
        std::string name;  ///< for error messages
    };

    /// All that is known of one address.
    struct Place {
        StreamFactory streams;
        OwnerId streams_owner;
        HttpRoutes routes;
        std::optional<TlsSettings> tls_settings;
        std::shared_ptr<TlsContext> tls;

        bool http() const noexcept { return !routes.http.empty() || !routes.websocket.empty(); }
        bool served() const noexcept { return streams || http(); }
    };
    using Places = std::map<Address, Place>;

    /// Throw SetupError: two owners of one address or route, certificates that are no good, two different settings for one address.
    void serve_streams(const Owner& owner, const Address& address, StreamFactory factory);
    void serve_http(const Owner& owner, const Address& address, HttpRoute route);
    void serve_websocket(const Owner& owner, const Address& address, WebSocketRoute route);
    void set_tls(const Address& address, const TlsSettings& settings);

    /// What these owners have, without any TLS.
    ServicePlan only(const std::vector<OwnerId>& kept) const;
    /// Everybody who has something here and nothing in `next`.
    std::vector<OwnerId> missing_in(const ServicePlan& next) const;

    const Places& places() const noexcept { return places_; }

private:
    Place& http_place(const Owner& owner, const Address& address);
    void know(const Owner& owner) { names_[owner.id] = owner.name; }
    [[noreturn]] void refuse(const Owner& owner, const std::string& what, OwnerId first, const std::string& about = {}) const;

    Places places_;
    std::map<OwnerId, std::string> names_;  ///< of everybody who has something here
};

}  // namespace junctor
