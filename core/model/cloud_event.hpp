#pragma once

#include <string>
#include <string_view>

#include "core/base/bytes.hpp"
#include "core/base/json_reader.hpp"
#include "core/model/envelope.hpp"

namespace junctor {

inline constexpr std::string_view cloud_event_type = "application/cloudevents+json";

/// A message as a CloudEvents 1.0 event holds it in its JSON format (structured mode). Attributes are the headers that the binary mode
/// would have: `ce-id`, `ce-source`, ...; `datacontenttype`, `replyto`, `correlationid` and `traceparent` have their own places.
struct CloudEvent {
    ByteBuffer data;
    Extras extras;
};

/// Reads an event into `into`. Empty, or what is wrong with it, for people. Attributes that are no scalar are refused (section 3.1).
std::string read_cloud_event(std::string_view text, const JsonLimits& limits, std::size_t most_headers, CloudEvent& into);

/// Appends the event that `envelope` is. What its publisher did not say is made up: id, source, type; the topic is its subject.
/// `published_at`: by civil time.
void append_cloud_event(ByteBuffer& to, const Envelope& envelope, WallTime published_at);

}  // namespace junctor
