#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/ports/client.hpp"
#include "core/ports/http.hpp"

namespace junctor::rest {

/// A POST with everything a message carries, still without its path.
HttpRequest request_of(const ClientMessage& message);

/// The message in an answer with a bare payload; its topic is not known.
ClientMessage message_of_answer(const HttpResponse& response);

/// The message in an event's `message` object; nothing where it is none.
std::optional<ClientMessage> message_of_event(std::string_view data);

/// The messages in an array of such objects, in order.
std::vector<ClientMessage> messages_in(Bytes array);

/// `&from=...`: where a subscription begins.
std::string from_query(const HistoryStart& start);

/// `1500ms`.
std::string milliseconds_text(Duration duration);

}  // namespace junctor::rest
