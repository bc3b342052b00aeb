#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/json_reader.hpp"
#include "core/model/envelope.hpp"

namespace junctor {

inline constexpr std::string_view cloud_event_type = "application/cloudevents+json";
inline constexpr std::string_view cloud_event_batch_type = "application/cloudevents-batch+json";

/// A message as a CloudEvents 1.0 event holds it in its JSON format (structured mode). Attributes are the headers that the binary mode
/// would have: `ce-id`, `ce-source`, ...; `datacontenttype`, `replyto`, `correlationid` and `traceparent` have their own places.
struct CloudEvent {
    ByteBuffer data;
    Extras extras;
};

/// Reads an event into `into`. Empty, or what is wrong with it, for people. Attributes that are no scalar are refused (section 3.1).
std::string read_cloud_event(std::string_view text, const JsonLimits& limits, std::size_t most_headers, CloudEvent& into);

/// Reads a batch, a JSON array of at most `most_events` events (JSON format, section 4), behind what `into` holds. Empty, or what is
/// wrong with which event; `into` is then of no use.
std::string read_cloud_event_batch(std::string_view text, const JsonLimits& limits, std::size_t most_headers, std::size_t most_events,
                                   std::vector<CloudEvent>& into);

/// Appends the event that `envelope` is. What its publisher did not say is made up: id, source, type; the topic is its subject.
/// `wall`: the civil time at `now`.
void append_cloud_event(ByteBuffer& to, const Envelope& envelope, TimePoint now, WallTime wall);

}  // namespace junctor
