#pragma once

#include <string_view>

#include "core/ports/arrived_message.hpp"

namespace junctor {

/// What of a message is written beside that which every system needs.
struct EnvelopeParts {
    bool topic = true;  ///< and its tenant; false where the place in which it stands says so
    bool qos = true;    ///< false where no QoS above 0 is promised
};

/// Appends the members of the JSON object in which gateways hand a message to each other where JSON carries it, but for its payload and
/// without braces. Its numbers are integers within +-(2^53 - 1), so that it is canonical JSON, too; text that is no UTF-8 is left out,
/// and a correlation that is none goes as base64. False, and nothing of use written, where it has crossed too many to go on.
bool append_envelope_members(ByteBuffer& to, const Envelope& envelope, TimePoint now, std::string_view gateway, EnvelopeParts parts);

/// The whole object, with its payload.
bool append_envelope_json(ByteBuffer& to, const Envelope& envelope, TimePoint now, std::string_view gateway, EnvelopeParts parts);

/// Reads the text of such an object, which has been checked (`read_json`). The topic from there unless `out` has one. False where it is
/// none. `finish` is the caller's.
bool read_envelope_json(std::string_view object, ArrivedMessage& out);

/// Whether these bytes are written as text: where that is shorter than base64, as escapes can make it six times as long.
bool goes_as_text(Bytes bytes) noexcept;

}  // namespace junctor
