#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/base/bytes.hpp"

namespace junctor::zeromq {

/// A question of libzmq who a connection is (ZeroMQ RFC 27, ZAP), as it reaches a ROUTER. All of it views.
struct ZapRequest {
    enum class Mechanism : std::uint8_t { null, plain, curve };

    Bytes route;       ///< the ROUTER's own frame
    Bytes id;
    std::string_view address;
    Mechanism mechanism = Mechanism::null;
    std::string_view user;      ///< PLAIN
    std::string_view password;  ///< PLAIN
    Bytes key;                  ///< CURVE: the public key, 32 bytes, whose secret half the client has
};

inline constexpr std::size_t zap_frames = 10;

/// nullopt: not of that form, or of a mechanism that is not offered.
std::optional<ZapRequest> decode_zap(std::span<const Bytes> frames) noexcept;

}  // namespace junctor::zeromq
