#pragma once

#include "core/ports/client.hpp"
#include "core/runtime/blocking_stream.hpp"
#include "core/web/websocket_client.hpp"

namespace junctor::mqtt {

/// A WebSocket as the byte stream that MQTT sees in it (section 6): binary messages, of which one may hold several packets, or a part.
class WebSocketPipe final : public BlockingStream {
public:
    explicit WebSocketPipe(const web::WebSocketClient::Options& options) : socket_(options) {}

    void send(Bytes bytes) override { socket_.send_binary(bytes); }
    std::size_t receive(std::span<std::uint8_t> into, Duration wait) override;

private:
    web::WebSocketClient socket_;
    ByteBuffer unread_;
    std::size_t used_ = 0;
};

/// For `mqtt+ws://` and `mqtt+wss://` URLs; without a path: `/mqtt`. Throws ClientError.
std::unique_ptr<BlockingStream> connect_websocket(const ClientOptions& options);

}  // namespace junctor::mqtt
