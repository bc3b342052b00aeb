#pragma once

#include <string>
#include <string_view>

#include "core/ports/http.hpp"
#include "core/web/route_table.hpp"

namespace junctor::web {

/// Whether a request wants its connection to become a WebSocket (RFC 6455 section 4.2.1).
bool asks_for_websocket(const HttpRequest& request) noexcept;

/// Checks the rest of the opening handshake, the page's origin and the subprotocol. Gives the route, or the refusal to answer.
struct HandshakeCheck {
    const WebSocketRoute* route = nullptr;
    HttpResponse refusal;
};
HandshakeCheck check_handshake(const HttpRequest& request, const RouteTable& routes);

/// The `101 Switching Protocols` for a handshake that was accepted.
HttpResponse handshake_answer(const HttpRequest& request, const WebSocketRoute& route);

/// `Sec-WebSocket-Accept` for a `Sec-WebSocket-Key`; for both roles.
std::string websocket_accept(std::string_view key);

}  // namespace junctor::web
