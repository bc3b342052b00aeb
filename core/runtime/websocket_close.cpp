#include "core/runtime/websocket_close.hpp"

#include <algorithm>

#include "core/base/utf8.hpp"

namespace junctor::ws_frames {

namespace {

std::string_view cut(std::string_view text, std::size_t most) noexcept {
    if (text.size() <= most) return text;
    while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xc0) == 0x80) --most;
    return text.substr(0, most);
}

}  // namespace

CloseCode close_code(CloseReason reason) noexcept {
    switch (reason) {
        case CloseReason::normal: return CloseCode::normal;
        case CloseReason::malformed: return CloseCode::invalid_payload;
        case CloseReason::protocol_error: return CloseCode::protocol_error;
        case CloseReason::too_large: return CloseCode::too_big;
        case CloseReason::overloaded: return CloseCode::try_again_later;
        case CloseReason::internal_error: return CloseCode::internal_error;
        case CloseReason::connection_lost:
        case CloseReason::idle_timeout:
        case CloseReason::server_shutdown: return CloseCode::going_away;
        case CloseReason::handshake_timeout:
        case CloseReason::not_authenticated:
        case CloseReason::not_authorized:
        case CloseReason::taken_over:
        case CloseReason::name_kept:
        case CloseReason::slow_consumer:
        case CloseReason::quota_exceeded:
        case CloseReason::administrative: return CloseCode::policy_violation;
    }
    return CloseCode::internal_error;
}

ClosePayload close_payload(CloseCode code, std::string_view text) noexcept {
    ClosePayload payload;
    const auto number = static_cast<std::uint16_t>(code);
    payload.bytes[payload.size++] = static_cast<std::uint8_t>(number >> 8);
    payload.bytes[payload.size++] = static_cast<std::uint8_t>(number);
    const std::string_view fitting = cut(text, payload.bytes.size() - payload.size);
    std::ranges::copy(as_bytes(fitting), payload.bytes.begin() + static_cast<std::ptrdiff_t>(payload.size));
    payload.size += fitting.size();
    return payload;
}

std::optional<std::uint16_t> received_close_code(Bytes payload) noexcept {
    if (payload.empty()) return static_cast<std::uint16_t>(CloseCode::no_status);
    if (payload.size() == 1) return std::nullopt;
    const auto code = static_cast<std::uint16_t>(payload[0] << 8 | payload[1]);
    if (!valid_close_code(code) || !valid_utf8(as_text(payload.subspan(2)))) return std::nullopt;
    return code;
}

}  // namespace junctor::ws_frames
