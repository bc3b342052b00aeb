#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "core/model/close_reason.hpp"
#include "core/runtime/websocket_codec.hpp"

namespace junctor::ws_frames {

/// How a close reason looks on the wire (RFC 6455 section 7.4).
CloseCode close_code(CloseReason reason) noexcept;

/// The payload of a close frame.
struct ClosePayload {
    std::array<std::uint8_t, max_control_payload> bytes;
    std::size_t size = 0;

    Bytes view() const noexcept { return {bytes.data(), size}; }
};

/// `text` is cut at a character boundary where it does not fit.
ClosePayload close_payload(CloseCode code, std::string_view text) noexcept;

/// What a peer's close frame says: no_status where it is empty; nullopt where it is malformed (length, code or UTF-8).
std::optional<std::uint16_t> received_close_code(Bytes payload) noexcept;

}  // namespace junctor::ws_frames
