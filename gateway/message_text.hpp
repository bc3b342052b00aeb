#pragma once

#include <string>

#include "core/ports/client.hpp"

namespace junctor {

/// The payload for a terminal: as it is when it is text, else `base64:...`, so that no message can move the cursor.
std::string payload_text(const ClientMessage& message);

/// The whole message as one JSON object on one line: the `message` object of the JSON protocols, without `op`.
std::string message_json(const ClientMessage& message);

}  // namespace junctor
