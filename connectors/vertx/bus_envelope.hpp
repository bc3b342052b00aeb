#pragma once

#include <string>
#include <string_view>

#include "core/ports/arrived_message.hpp"

namespace junctor::vertx {

/// The body in which a message travels over the one address that gateways share: a JSON object with all that it has. False, and nothing
/// of use written, where it has crossed too many to go on.
bool append_bus_envelope(ByteBuffer& to, const Envelope& envelope, TimePoint now, const std::string& gateway);

/// What such a body says; false where it is none. `gateway` is who reads it.
bool read_bus_envelope(std::string_view body, const std::string& gateway, ArrivedMessage& out);

/// Of a session, as it stands in messages.
std::string session_text(SessionId session);
SessionId session_of(std::string_view text) noexcept;

}  // namespace junctor::vertx
