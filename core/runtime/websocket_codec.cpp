#include "core/runtime/websocket_codec.hpp"

#include <algorithm>
#include <cstring>

#include "core/base/byte_reader.hpp"

namespace junctor::ws_frames {

namespace {

constexpr std::uint8_t final_bit = 0x80;
constexpr std::uint8_t reserved_bits = 0x70;
constexpr std::uint8_t mask_bit = 0x80;
constexpr std::uint8_t length_16 = 126;
constexpr std::uint8_t length_64 = 127;

bool is_control(Opcode opcode) noexcept { return (static_cast<unsigned>(opcode) & 8) != 0; }

bool known(Opcode opcode) noexcept {
    return opcode <= Opcode::binary || (opcode >= Opcode::close && opcode <= Opcode::pong);
}

/// RFC 6455 section 5.2: the fewest bytes that hold the length, and its highest bit is 0.
bool shortest_form(std::uint8_t form, std::uint64_t length) noexcept {
    if (form == length_16) return length >= length_16;
    if (form == length_64) return length > 0xffff && length >> 63 == 0;
    return true;
}

void put_big_endian(FrameHeader& header, std::uint64_t value, std::size_t count) noexcept {
    for (std::size_t i = count; i-- > 0;) header.bytes[header.size++] = static_cast<std::uint8_t>(value >> (8 * i));
}

FrameHeader begin_header(Opcode opcode, std::uint64_t payload_size, std::uint8_t mask) noexcept {
    FrameHeader header;
    header.bytes[header.size++] = static_cast<std::uint8_t>(final_bit | static_cast<std::uint8_t>(opcode));
    if (payload_size < length_16) {
        header.bytes[header.size++] = static_cast<std::uint8_t>(mask | payload_size);
    } else if (payload_size <= 0xffff) {
        header.bytes[header.size++] = mask | length_16;
        put_big_endian(header, payload_size, 2);
    } else {
        header.bytes[header.size++] = mask | length_64;
        put_big_endian(header, payload_size, 8);
    }
    return header;
}

Decoder::Event failure(CloseCode code) noexcept {
    Decoder::Event event;
    event.kind = Decoder::Kind::failed;
    event.code = code;
    return event;
}

}  // namespace

struct Decoder::Header {
    bool complete = false;
    bool final = false;
    bool reserved = false;
    bool masked = false;
    Opcode opcode = Opcode::continuation;
    std::uint8_t length_form = 0;
    std::uint64_t length = 0;
    MaskKey key{};
    std::size_t size = 0;

    explicit Header(Bytes input) noexcept {
        ByteReader reader(input);
        const std::uint8_t first = reader.u8();
        const std::uint8_t second = reader.u8();
        final = (first & final_bit) != 0;
        reserved = (first & reserved_bits) != 0;
        opcode = static_cast<Opcode>(first & 0x0f);
        masked = (second & mask_bit) != 0;
        length_form = second & 0x7f;
        length = length_form;
        if (length_form == length_16) length = reader.u16();
        if (length_form == length_64) length = reader.u64();
        if (masked) std::ranges::copy(reader.take(key.size()), key.begin());
        complete = !reader.failed();
        size = reader.consumed();
    }
};

FrameHeader frame_header(Opcode opcode, std::uint64_t payload_size) noexcept { return begin_header(opcode, payload_size, 0); }

FrameHeader frame_header(Opcode opcode, std::uint64_t payload_size, MaskKey key) noexcept {
    FrameHeader header = begin_header(opcode, payload_size, mask_bit);
    std::ranges::copy(key, header.bytes.begin() + static_cast<std::ptrdiff_t>(header.size));
    header.size += key.size();
    return header;
}

void apply_mask(std::span<std::uint8_t> payload, MaskKey key, std::size_t phase) noexcept {
    std::array<std::uint8_t, 8> pattern;
    for (std::size_t i = 0; i < pattern.size(); ++i) pattern[i] = key[(phase + i) % key.size()];
    std::uint64_t wide;
    std::memcpy(&wide, pattern.data(), sizeof wide);
    std::size_t at = 0;
    for (; at + sizeof wide <= payload.size(); at += sizeof wide) {
        std::uint64_t word;
        std::memcpy(&word, payload.data() + at, sizeof word);
        word ^= wide;
        std::memcpy(payload.data() + at, &word, sizeof word);
    }
    for (; at < payload.size(); ++at) payload[at] = static_cast<std::uint8_t>(payload[at] ^ pattern[at % pattern.size()]);
}

bool valid_close_code(std::uint16_t code) noexcept {
    if (code >= 3000) return code <= 4999;
    return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014);
}

Decoder::Event Decoder::next(std::span<std::uint8_t> input, std::uint64_t message_limit) noexcept {
    if (in_frame_) return data(input, 0);
    return start_frame(input, message_limit);
}

// What the first two bytes show: a broken frame need not become complete to be refused.
bool Decoder::admissible(const Header& header) const noexcept {
    if (header.reserved || !known(header.opcode) || header.masked != (role_ == Role::server)) return false;
    if (is_control(header.opcode)) return header.final && header.length_form <= max_control_payload;
    return (header.opcode == Opcode::continuation) == (message_ != Opcode::continuation);
}

Decoder::Event Decoder::start_frame(std::span<std::uint8_t> input, std::uint64_t message_limit) noexcept {
    if (input.size() < 2) return {};
    const Header header(input);
    if (!admissible(header)) return failure(CloseCode::protocol_error);
    if (!header.complete) return {};
    if (!shortest_form(header.length_form, header.length)) return failure(CloseCode::protocol_error);
    if (is_control(header.opcode)) return control(input, header);
    if (header.opcode != Opcode::continuation) {
        message_ = header.opcode;
        message_size_ = 0;
    }
    if (header.length > message_limit || message_size_ > message_limit - header.length) return failure(CloseCode::too_big);
    message_size_ += header.length;
    remaining_ = header.length;
    key_ = header.key;
    phase_ = 0;
    final_ = header.final;
    in_frame_ = true;
    return data(input.subspan(header.size), header.size);
}

Decoder::Event Decoder::control(std::span<std::uint8_t> input, const Header& header) noexcept {
    const auto length = static_cast<std::size_t>(header.length);
    if (input.size() < header.size + length) return {};
    Event event;
    event.kind = Kind::control;
    event.opcode = header.opcode;
    event.consumed = header.size + length;
    event.payload = input.subspan(header.size, length);
    if (header.masked) apply_mask(event.payload, header.key);
    return event;
}

// `input` begins with payload of the present frame; `consumed` bytes of header stood before it.
Decoder::Event Decoder::data(std::span<std::uint8_t> input, std::size_t consumed) noexcept {
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, input.size()));
    Event event;
    event.opcode = message_;
    event.consumed = consumed + count;
    event.payload = input.first(count);
    if (role_ == Role::server) apply_mask(event.payload, key_, phase_);
    phase_ = static_cast<std::uint8_t>((phase_ + count) % key_.size());
    remaining_ -= count;
    in_frame_ = remaining_ != 0;
    event.message_end = !in_frame_ && final_;
    if (event.message_end) message_ = Opcode::continuation;
    event.kind = event.consumed != 0 || event.message_end ? Kind::data : Kind::need_more;
    return event;
}

}  // namespace junctor::ws_frames
