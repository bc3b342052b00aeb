#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "core/base/bytes.hpp"

namespace junctor::ws_frames {

/// RFC 6455 section 5.2.
enum class Opcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

/// RFC 6455 section 7.4.1: those that we send or judge by.
enum class CloseCode : std::uint16_t {
    normal = 1000,
    going_away = 1001,
    protocol_error = 1002,
    unsupported_data = 1003,
    no_status = 1005,
    invalid_payload = 1007,
    policy_violation = 1008,
    too_big = 1009,
    internal_error = 1011,
    service_restart = 1012,
    try_again_later = 1013,
};

enum class Role : std::uint8_t { server, client };

inline constexpr std::size_t max_header_bytes = 14;
inline constexpr std::size_t max_control_payload = 125;

using MaskKey = std::array<std::uint8_t, 4>;

/// The header of a frame (with its mask key, if any), ready to be sent.
struct FrameHeader {
    std::array<std::uint8_t, max_header_bytes> bytes;
    std::size_t size = 0;

    Bytes view() const noexcept { return {bytes.data(), size}; }
};

/// A frame that is not a fragment. The server's way: unmasked, shortest length form.
FrameHeader frame_header(Opcode opcode, std::uint64_t payload_size) noexcept;
/// The client's way: masked with `key`; the payload must go through `apply_mask` before it is sent.
FrameHeader frame_header(Opcode opcode, std::uint64_t payload_size, MaskKey key) noexcept;

/// Masks or unmasks in place (RFC 6455 section 5.3). `phase`: how many bytes of the payload came before.
void apply_mask(std::span<std::uint8_t> payload, MaskKey key, std::size_t phase = 0) noexcept;

/// May a peer send this close code?
bool valid_close_code(std::uint16_t code) noexcept;

/// Takes frames apart, in place: no copy, no allocation. Data payload comes as it arrives, control frames come whole.
class Decoder {
public:
    enum class Kind : std::uint8_t {
        need_more,  ///< keep the rest and come again with more behind it
        data,       ///< some payload of a data message
        control,    ///< a whole close, ping or pong frame
        failed,     ///< the peer broke the protocol: close with `code`
    };

    struct Event {
        Kind kind = Kind::need_more;
        Opcode opcode = Opcode::continuation;  ///< of the message (text, binary) or the control frame
        bool message_end = false;              ///< data: this completes the message
        CloseCode code = CloseCode::protocol_error;  ///< failed
        std::size_t consumed = 0;              ///< bytes of the input that are done with
        std::span<std::uint8_t> payload;       ///< within the input, unmasked
    };

    explicit Decoder(Role role) noexcept : role_(role) {}

    /// What stands at the beginning of `input`. `message_limit`: the most bytes a message may have in all, its fragments together;
    /// a frame that announces more fails as too_big before its payload is looked at.
    Event next(std::span<std::uint8_t> input, std::uint64_t message_limit) noexcept;

private:
    struct Header;
    Event start_frame(std::span<std::uint8_t> input, std::uint64_t message_limit) noexcept;
    Event control(std::span<std::uint8_t> input, const Header& header) noexcept;
    Event data(std::span<std::uint8_t> input, std::size_t consumed) noexcept;
    bool admissible(const Header& header) const noexcept;

    std::uint64_t remaining_ = 0;     ///< of the present data frame's payload
    std::uint64_t message_size_ = 0;  ///< announced so far for the present message
    MaskKey key_{};
    std::uint8_t phase_ = 0;          ///< payload bytes of the frame that have passed, modulo 4
    Role role_;
    Opcode message_ = Opcode::continuation;  ///< of the message under way; continuation: none
    bool in_frame_ = false;
    bool final_ = false;
};

}  // namespace junctor::ws_frames
