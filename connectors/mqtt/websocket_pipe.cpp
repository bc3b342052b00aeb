#include "connectors/mqtt/websocket_pipe.hpp"

#include <algorithm>

namespace junctor::mqtt {

std::size_t WebSocketPipe::receive(std::span<std::uint8_t> into, Duration wait) {
    if (used_ == unread_.size()) {
        std::optional<ByteBuffer> message = socket_.receive(wait);
        if (!message) return 0;
        unread_ = std::move(*message);
        used_ = 0;
    }
    const std::size_t count = std::min(into.size(), unread_.size() - used_);
    std::copy_n(unread_.begin() + static_cast<std::ptrdiff_t>(used_), count, into.begin());
    used_ += count;
    return count;
}

std::unique_ptr<BlockingStream> connect_websocket(const ClientOptions& options) {
    constexpr std::string_view prefix = "mqtt+";
    web::WebSocketClient::Options socket;
    socket.url = web::Url::parse(std::string_view(options.url).substr(prefix.size()));
    if (socket.url.path.empty() || socket.url.path == "/") socket.url.path = "/mqtt";
    socket.how = web::stream_options(socket.url, options);
    socket.subprotocol = "mqtt";
    socket.dial = connect_blocking;
    return std::make_unique<WebSocketPipe>(socket);
}

}  // namespace junctor::mqtt
