#pragma once

#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "core/runtime/websocket_codec.hpp"
#include "core/web/http_client.hpp"

namespace junctor::web {

/// A WebSocket to one server for command-line clients: blocking, one thread. Answers pings. Errors are ClientErrors.
class WebSocketClient {
public:
    static constexpr std::uint64_t max_message = 256U << 20;

    struct Options {
        Url url;  ///< with its path
        BlockingStream::Options how;
        std::string subprotocol;      ///< empty: none asked
        std::vector<Header> headers;  ///< of the handshake
        Dial dial;
    };

    /// Connects and shakes hands.
    explicit WebSocketClient(const Options& options);

    void send_text(std::string_view message) { send(ws_frames::Opcode::text, as_bytes(message)); }
    void send_binary(Bytes message) { send(ws_frames::Opcode::binary, message); }
    /// The next whole message; nullopt after `wait` without one. Throws when the server has closed.
    std::optional<ByteBuffer> receive(Duration wait);
    /// Says goodbye; the connection is of no more use.
    void close();

private:
    void shake_hands(const Options& options);
    void check_answer(const HttpResponse& answer, const std::string& key) const;
    void send(ws_frames::Opcode opcode, Bytes payload);
    /// True when a message is complete in `message_`.
    bool decode();
    bool take(const ws_frames::Decoder::Event& event);
    void answer_control(const ws_frames::Decoder::Event& event);
    bool read_more(Duration wait);
    template <std::size_t size>
    std::array<std::uint8_t, size> random_bytes();

    std::string where_;
    std::unique_ptr<BlockingStream> stream_;
    ws_frames::Decoder decoder_{ws_frames::Role::client};
    std::random_device random_;
    ByteBuffer input_;
    ByteBuffer message_;
};

}  // namespace junctor::web
