#pragma once

#include <functional>
#include <string_view>

#include "connectors/vertx/codec.hpp"

namespace junctor::vertx {

/// How a client's frames travel.
enum class WireForm : std::uint8_t {
    tcp,     ///< each behind its length
    raw,     ///< a message of a WebSocket each: a client's may be text or binary, ours are binary as Vert.x's are
    sockjs,  ///< strings in arrays, in text messages of a WebSocket (SockJS 0.3.3)
};

constexpr Dialect dialect_of(WireForm form) noexcept { return form == WireForm::tcp ? Dialect::tcp : Dialect::sockjs; }

/// Appends a frame as one message of the stream.
void append_message(ByteBuffer& to, const Frame& frame, WireForm form);

/// An error that belongs to no request.
void append_error(ByteBuffer& to, std::string_view reason, WireForm form);

/// Each text in a message of SockJS; false: it is none.
bool read_sockjs(std::string_view message, const DecodeLimits& limits, const std::function<void(std::string_view)>& each);

}  // namespace junctor::vertx
