#include "core/web/websocket_client.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <nlohmann/json.hpp>

#include "core/base/base64.hpp"
#include "core/base/json.hpp"
#include "core/base/utf8.hpp"
#include "core/ports/client.hpp"
#include "core/web/websocket_handshake.hpp"

namespace junctor::web {
namespace {

using Clock = std::chrono::steady_clock;

std::string close_sentence(const std::string& where, Bytes payload) {
    std::string sentence = where + " closed the WebSocket";
    if (payload.size() >= 2) sentence += " with code " + std::to_string(payload[0] << 8 | payload[1]);
    const std::string_view reason = payload.size() > 2 ? as_text(payload.subspan(2)) : std::string_view{};
    if (!reason.empty() && valid_utf8(reason)) sentence += ": " + std::string(reason);
    return sentence;
}

/// What a problem document says in words, else the status.
std::string said(const HttpResponse& answer) {
    const auto document = parse_json(answer.body);
    const bool explained = document && document->is_object() && document->contains("detail") && (*document)["detail"].is_string();
    return explained ? (*document)["detail"].get<std::string>() : "HTTP status " + std::to_string(answer.status);
}

}  // namespace

WebSocketClient::WebSocketClient(const Options& options)
    : where_(options.url.authority()), stream_(options.dial(options.how)) {
    shake_hands(options);
}

template <std::size_t size>
std::array<std::uint8_t, size> WebSocketClient::random_bytes() {
    std::array<std::uint8_t, size> bytes;
    std::ranges::generate(bytes, [this] { return static_cast<std::uint8_t>(random_()); });
    return bytes;
}

void WebSocketClient::shake_hands(const Options& options) {
    ByteBuffer encoded;
    append_base64(encoded, random_bytes<16>());
    const std::string key(as_text(encoded));
    std::string head = "GET " + (options.url.path.empty() ? "/" : options.url.path) + " HTTP/1.1\r\nHost: " + where_ +
                       "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + key + "\r\n";
    if (!options.subprotocol.empty()) head += "Sec-WebSocket-Protocol: " + options.subprotocol + "\r\n";
    for (const Header& header : options.headers) head += header.name + ": " + header.value + "\r\n";
    stream_->send(as_bytes(head + "\r\n"));
    ResponseReader reader;
    const auto until = Clock::now() + options.how.timeout;
    while (!reader.complete()) {
        if (!read_more(until - Clock::now())) throw ClientError(where_ + " did not answer the WebSocket handshake in time");
        const std::size_t consumed = reader.read(input_);
        input_.erase(input_.begin(), input_.begin() + static_cast<std::ptrdiff_t>(consumed));
        if (reader.failed()) throw ClientError(where_ + " does not speak HTTP");
    }
    HttpResponse answer = reader.head();
    answer.body = reader.take_body();
    check_answer(answer, key);
}

void WebSocketClient::check_answer(const HttpResponse& answer, const std::string& key) const {
    HttpRequest fields;
    fields.headers = answer.headers;
    if (answer.status != 101) throw ClientError(where_ + " refused the WebSocket: " + said(answer), std::to_string(answer.status));
    if (fields.header("Sec-WebSocket-Accept") != websocket_accept(key)) throw ClientError(where_ + " answered the WebSocket handshake wrongly");
}

void WebSocketClient::send(ws_frames::Opcode opcode, Bytes payload) {
    const ws_frames::MaskKey key = random_bytes<4>();
    ByteBuffer frame;
    append(frame, ws_frames::frame_header(opcode, payload.size(), key).view());
    const std::size_t header = frame.size();
    append(frame, payload);
    ws_frames::apply_mask(std::span(frame).subspan(header), key);
    stream_->send(frame);
}

std::optional<ByteBuffer> WebSocketClient::receive(Duration wait) {
    const auto until = Clock::now() + wait;
    while (!decode())
        if (!read_more(until - Clock::now())) return std::nullopt;
    return std::exchange(message_, {});
}

bool WebSocketClient::read_more(Duration wait) {
    const std::size_t before = input_.size();
    input_.resize(before + (64 << 10));
    const std::size_t got = stream_->receive(std::span(input_).subspan(before), std::max(wait, Duration::zero()));
    input_.resize(before + got);
    return got > 0;
}

bool WebSocketClient::decode() {
    std::size_t at = 0;
    bool complete = false;
    while (!complete) {
        const auto event = decoder_.next(std::span(input_).subspan(at), max_message);
        if (event.kind == ws_frames::Decoder::Kind::need_more) break;
        complete = take(event);
        at += event.consumed;
    }
    input_.erase(input_.begin(), input_.begin() + static_cast<std::ptrdiff_t>(at));
    return complete;
}

bool WebSocketClient::take(const ws_frames::Decoder::Event& event) {
    using Kind = ws_frames::Decoder::Kind;
    if (event.kind == Kind::failed) throw ClientError(where_ + " broke the WebSocket protocol");
    if (event.kind == Kind::control) {
        answer_control(event);
        return false;
    }
    append(message_, Bytes(event.payload));
    return event.message_end;
}

void WebSocketClient::answer_control(const ws_frames::Decoder::Event& event) {
    if (event.opcode == ws_frames::Opcode::ping) return send(ws_frames::Opcode::pong, event.payload);
    if (event.opcode != ws_frames::Opcode::close) return;
    const std::string sentence = close_sentence(where_, event.payload);
    send(ws_frames::Opcode::close, event.payload.first(std::min<std::size_t>(event.payload.size(), 2)));
    throw ClientError(sentence);
}

void WebSocketClient::close() {
    constexpr std::array<std::uint8_t, 2> normal{0x03, 0xe8};
    send(ws_frames::Opcode::close, normal);
}

}  // namespace junctor::web
