#include "core/web/websocket_handshake.hpp"

#include <openssl/evp.h>

#include <array>

#include "core/base/base64.hpp"
#include "core/ports/http_origin.hpp"
#include "core/web/field_line.hpp"

namespace junctor::web {
namespace {

constexpr std::size_t key_bytes = 16;

bool valid_key(std::string_view key) {
    ByteBuffer decoded;
    return append_from_base64(decoded, key) && decoded.size() == key_bytes;
}

HandshakeCheck refused(unsigned status, std::string_view code, std::string_view detail) {
    return {nullptr, HttpResponse::problem(status, code, detail)};
}

}  // namespace

bool asks_for_websocket(const HttpRequest& request) noexcept {
    return list_contains(request.header("Upgrade"), "websocket") && list_contains(request.header("Connection"), "upgrade");
}

HandshakeCheck check_handshake(const HttpRequest& request, const RouteTable& routes) {
    if (request.method != "GET") return refused(400, "bad_request", "a WebSocket handshake is a GET");
    if (request.header("Sec-WebSocket-Version") != "13") {
        HandshakeCheck check = refused(426, "unsupported", "only version 13 of the WebSocket protocol is spoken here");
        check.refusal.headers.push_back({"Sec-WebSocket-Version", "13"});
        return check;
    }
    if (!valid_key(request.header("Sec-WebSocket-Key"))) return refused(400, "bad_request", "Sec-WebSocket-Key is not 16 bytes in base64");
    const WebSocketRoute* route = routes.websocket(request.path, request.header("Sec-WebSocket-Protocol"));
    if (!route) return refused(400, "bad_request", "no subprotocol that this path speaks was offered");
    if (!origin_allowed(request, route->origins)) return refused(403, "denied", "this web page's origin is not allowed here");
    return {route, {}};
}

HttpResponse handshake_answer(const HttpRequest& request, const WebSocketRoute& route) {
    HttpResponse answer;
    answer.status = 101;
    answer.headers = {{"Upgrade", "websocket"}, {"Sec-WebSocket-Accept", websocket_accept(request.header("Sec-WebSocket-Key"))}};
    if (!route.subprotocol.empty()) answer.headers.push_back({"Sec-WebSocket-Protocol", route.subprotocol});
    return answer;
}

std::string websocket_accept(std::string_view key) {
    std::string text(key);
    text += "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    if (EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr) != 1) return {};
    ByteBuffer encoded;
    append_base64(encoded, Bytes(digest.data(), size));
    return std::string(as_text(encoded));
}

}  // namespace junctor::web
