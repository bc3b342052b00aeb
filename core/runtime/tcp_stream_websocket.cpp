// WebSocket frames on the stream driver (RFC 6455, server side).
#include <algorithm>
#include <cstring>
#include <limits>

#include "core/base/utf8.hpp"
#include "core/runtime/stream_set.hpp"
#include "core/runtime/tcp_stream.hpp"
#include "core/runtime/websocket_close.hpp"

namespace junctor {

namespace {

using ws_frames::CloseCode;
using ws_frames::Decoder;
using ws_frames::Opcode;

/// Payload of several frames moved together, where it stood.
class Run {
public:
    void add(std::span<std::uint8_t> payload) noexcept {
        if (bytes_.empty()) {
            bytes_ = payload;
            return;
        }
        std::uint8_t* end = bytes_.data() + bytes_.size();
        if (end != payload.data()) std::memmove(end, payload.data(), payload.size());
        bytes_ = {bytes_.data(), bytes_.size() + payload.size()};
    }
    std::span<std::uint8_t> take() noexcept { return std::exchange(bytes_, {}); }
    bool empty() const noexcept { return bytes_.empty(); }

private:
    std::span<std::uint8_t> bytes_;
};

Counter failed_counter(CloseCode code) {
    return counter("junctor_websocket_failed_total", "WebSockets ended for what the peer sent, by close code.",
                   {{"code", std::to_string(static_cast<int>(code))}});
}

}  // namespace

void TcpStream::take_frames(std::span<std::uint8_t> bytes) noexcept {
    if (!redeliver_message()) {
        append(layers_->websocket->raw, Bytes(bytes));
        if (layers_->websocket->raw.size() > handler_->receive_limit() + ReadBuffer::fresh_bytes) close(CloseReason::too_large, {});
        return;
    }
    ByteBuffer raw = std::exchange(layers_->websocket->raw, {});
    const std::span<std::uint8_t> rest = split_frames(raw.empty() ? bytes : joined(raw, bytes));
    if (state_ == State::open && !rest.empty()) layers_->websocket->raw.assign(rest.begin(), rest.end());
}

/// Answers what is left to take apart.
std::span<std::uint8_t> TcpStream::split_frames(std::span<std::uint8_t> bytes) noexcept {
    WebSocketLayer& socket = *layers_->websocket;
    const bool streams = socket.mode == WebSocketMode::byte_stream;
    Run run;
    while (reading() && (streams || layers_->tail.empty())) {
        const std::uint64_t limit = streams ? std::numeric_limits<std::uint64_t>::max() : handler_->receive_limit();
        const Decoder::Event event = socket.decoder.next(bytes, limit);
        if (event.kind == Decoder::Kind::need_more) break;
        bytes = bytes.subspan(event.consumed);
        if (streams && event.kind == Decoder::Kind::data && event.opcode == Opcode::binary) {
            run.add(event.payload);
            continue;
        }
        if (!run.empty()) deliver(run.take());
        if (state_ == State::open) take_event(event);
    }
    if (!run.empty()) deliver(run.take());
    return bytes;
}

void TcpStream::take_event(const Decoder::Event& event) noexcept {
    switch (event.kind) {
        case Decoder::Kind::need_more: return;
        case Decoder::Kind::control: return take_control(event);
        case Decoder::Kind::failed:
            return fail_websocket(event.code, event.code == CloseCode::too_big ? CloseReason::too_large : CloseReason::protocol_error);
        case Decoder::Kind::data:
            if (layers_->websocket->mode == WebSocketMode::messages) return take_message_part(event);
            return fail_websocket(CloseCode::unsupported_data, CloseReason::protocol_error);
    }
}

void TcpStream::take_message_part(const Decoder::Event& part) noexcept {
    WebSocketLayer& socket = *layers_->websocket;
    const bool text = part.opcode == Opcode::text;
    if (!text && socket.text) return fail_websocket(CloseCode::unsupported_data, CloseReason::protocol_error);
    if (part.message_end && socket.message.empty()) return hand_over_message(part.payload, text);
    append(socket.message, Bytes(part.payload));
    if (!part.message_end) return;
    const ByteBuffer message = std::exchange(socket.message, {});
    hand_over_message(message, text);
}

void TcpStream::hand_over_message(Bytes message, bool text) noexcept {
    if (text && !valid_utf8(as_text(message))) return fail_websocket(CloseCode::invalid_payload, CloseReason::malformed);
    const Bytes rest = message.subspan(call_received(message));
    if (state_ == State::open && !rest.empty()) layers_->tail.assign(rest.begin(), rest.end());
}

/// Hands over again what the protocol left of a message. False while something is left: nothing may overtake it.
bool TcpStream::redeliver_message() noexcept {
    if (layers_->websocket->mode == WebSocketMode::byte_stream || layers_->tail.empty()) return true;
    const ByteBuffer message = std::exchange(layers_->tail, {});
    hand_over_message(message, false);
    return layers_->tail.empty() && reading();
}

void TcpStream::take_control(const Decoder::Event& frame) noexcept {
    if (frame.opcode == Opcode::close) return take_close(frame.payload);
    // A peer that pings and does not read gets no more answers than fit the queue.
    if (frame.opcode == Opcode::ping && wants_more()) send_frame(Opcode::pong, frame.payload);
}

void TcpStream::take_close(Bytes payload) noexcept {
    if (!ws_frames::received_close_code(payload)) return fail_websocket(CloseCode::protocol_error, CloseReason::protocol_error);
    send_frame(Opcode::close, payload.first(std::min<std::size_t>(payload.size(), 2)));
    // A byte stream has a goodbye of its own: without it the peer just went.
    const bool goodbye = layers_->websocket->mode == WebSocketMode::messages;
    start_closing(goodbye ? CloseReason::normal : CloseReason::connection_lost);
}

void TcpStream::send_frame(Opcode opcode, Bytes payload) noexcept {
    outbound_.append(set_->loop().slabs(), ws_frames::frame_header(opcode, payload.size()).view());
    outbound_.append(set_->loop().slabs(), payload);
    queued_more();
}

void TcpStream::ping() noexcept {
    if (state_ == State::open && layers_ && layers_->websocket) send_frame(Opcode::ping, {});
}

void TcpStream::fail_websocket(CloseCode code, CloseReason reason) noexcept {
    set_->metrics().add(failed_counter(code));
    send_frame(Opcode::close, ws_frames::close_payload(code, to_string(reason)).view());
    start_closing(reason);
}

}  // namespace junctor
