#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "core/web/websocket_client.hpp"
#include "core/web/websocket_handshake.hpp"

namespace junctor::test {

/// A client's line to a server that shakes hands rightly, then sends `frames` byte by byte. What the client sends stands in `sent`, which outlives it.
class WebSocketServer final : public BlockingStream {
public:
    WebSocketServer(std::string frames, std::string& sent, std::string_view subprotocol = {})
        : frames_(std::move(frames)), sent_(sent), subprotocol_(subprotocol) {}

    void send(Bytes bytes) override {
        sent_ += as_text(bytes);
        constexpr std::string_view field = "Sec-WebSocket-Key: ";
        const std::size_t at = sent_.find(field);
        if (answered_ || at == std::string::npos) return;
        const std::string key = sent_.substr(at + field.size(), sent_.find("\r\n", at) - at - field.size());
        pending_ = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
                   web::websocket_accept(key) + "\r\n";
        if (!subprotocol_.empty()) pending_ += "Sec-WebSocket-Protocol: " + subprotocol_ + "\r\n";
        pending_ += "\r\n" + frames_;
        answered_ = true;
    }
    std::size_t receive(std::span<std::uint8_t> into, Duration) override {
        if (pending_.empty()) return 0;
        into[0] = static_cast<std::uint8_t>(pending_.front());
        pending_.erase(0, 1);
        return 1;
    }

private:
    std::string frames_;
    std::string& sent_;
    std::string subprotocol_;
    std::string pending_;
    bool answered_ = false;
};

}  // namespace junctor::test
