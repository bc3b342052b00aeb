#include "tests/bench/generator/websocket_wire.hpp"

#include <optional>
#include <stdexcept>

namespace bench {
namespace {

enum Opcode : unsigned char { continuation = 0, close_frame = 8, ping = 9, pong = 10 };

struct Frame {
    unsigned char opcode = 0;
    std::string_view payload;
    std::size_t size = 0;  // with its header
};

std::size_t read_big_endian(std::string_view bytes) {
    std::size_t value = 0;
    for (const char byte : bytes) value = value << 8 | static_cast<unsigned char>(byte);
    return value;
}

std::optional<Frame> next_frame(std::string_view input) {
    if (input.size() < 2) return std::nullopt;
    const auto short_length = static_cast<unsigned char>(input[1]);
    if (short_length > 127) throw std::runtime_error("the server masked a frame");
    const std::size_t extra = short_length == 127 ? 8 : short_length == 126 ? 2 : 0;
    const std::size_t header = 2 + extra;
    if (input.size() < header) return std::nullopt;
    const std::size_t length = extra == 0 ? short_length : read_big_endian(input.substr(2, extra));
    if (input.size() - header < length) return std::nullopt;
    return Frame{static_cast<unsigned char>(input[0] & 0x0f), input.substr(header, length), header + length};
}

void append_big_endian(std::size_t value, int bytes, std::string& out) {
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) out += static_cast<char>(value >> shift & 0xff);
}

}  // namespace

WebSocketWire::WebSocketWire(std::unique_ptr<Wire> inner, Payload payload, const Options& options)
    : inner_(std::move(inner)), payload_(payload), host_(options.host + ":" + std::to_string(options.port)), path_(options.path) {}

void WebSocketWire::append_hello(std::string& out) {
    out += "GET " + path_ + " HTTP/1.1\r\nHost: " + host_ +
           "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    if (payload_ == Payload::binary) out += "Sec-WebSocket-Protocol: mqtt\r\n";
    out += "\r\n";
}

void WebSocketWire::append_subscribe(std::string_view filter, std::string& out) {
    scratch_.clear();
    inner_->append_subscribe(filter, scratch_);
    append_frame(static_cast<unsigned char>(payload_), scratch_, out);
}

void WebSocketWire::append_publish(std::string_view topic, std::string_view payload, std::string& out) {
    scratch_.clear();
    inner_->append_publish(topic, payload, scratch_);
    append_frame(static_cast<unsigned char>(payload_), scratch_, out);
}

// The masking key is zero, so that the payload needs no work: what is measured is the server.
void WebSocketWire::append_frame(unsigned char opcode, std::string_view payload, std::string& out) const {
    out += static_cast<char>(0x80 | opcode);
    if (payload.size() < 126) {
        out += static_cast<char>(0x80 | payload.size());
    } else if (payload.size() <= 0xffff) {
        out += static_cast<char>(0x80 | 126);
        append_big_endian(payload.size(), 2, out);
    } else {
        out += static_cast<char>(0x80 | 127);
        append_big_endian(payload.size(), 8, out);
    }
    out.append(4, '\0');
    out += payload;
}

std::size_t WebSocketWire::consume(std::string_view input, std::string& out, WireEvents& events) {
    std::size_t taken = 0;
    if (!upgraded_) taken = consume_upgrade(input, out, events);
    if (!upgraded_) return taken;
    while (const auto frame = next_frame(input.substr(taken))) {
        taken += frame->size;
        if (frame->opcode == close_frame) throw std::runtime_error("the server closed the WebSocket");
        if (frame->opcode == ping) append_frame(pong, frame->payload, out);
        if (frame->opcode <= static_cast<unsigned char>(Payload::binary)) on_frame(frame->payload, out, events);
    }
    return taken;
}

std::size_t WebSocketWire::consume_upgrade(std::string_view input, std::string& out, WireEvents& events) {
    constexpr std::string_view blank_line = "\r\n\r\n";
    const std::size_t end = input.find(blank_line);
    if (end == std::string_view::npos) return 0;
    if (!input.starts_with("HTTP/1.1 101")) throw std::runtime_error("no upgrade: " + std::string(input.substr(0, input.find('\r'))));
    upgraded_ = true;
    scratch_.clear();
    inner_->append_hello(scratch_);
    if (scratch_.empty()) {
        events.on_ready();
    } else {
        append_frame(static_cast<unsigned char>(payload_), scratch_, out);
    }
    return end + blank_line.size();
}

// Frames of MQTT are pieces of one byte stream; frames of JSON are messages.
void WebSocketWire::on_frame(std::string_view payload, std::string& out, WireEvents& events) {
    scratch_.clear();
    if (stream_.empty()) {
        stream_.assign(payload.substr(inner_->consume(payload, scratch_, events)));
    } else {
        stream_ += payload;
        stream_.erase(0, inner_->consume(stream_, scratch_, events));
    }
    if (!scratch_.empty()) append_frame(static_cast<unsigned char>(payload_), scratch_, out);
}

}  // namespace bench
