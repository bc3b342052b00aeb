#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "core/ports/arrived_message.hpp"

namespace junctor::matrix {

/// The event that carries messages of gateways in the room that they share: `{"messages": [...]}`.
inline constexpr std::string_view shared_event = "junctor.messages";
/// One message in the room of its topic, where it is no text that people read.
inline constexpr std::string_view single_event = "junctor.message";
inline constexpr std::string_view text_event = "m.room.message";

/// A homeserver takes no event over 65,536 bytes (client-server API, "Size limits"); signatures, hashes and parents are in that.
inline constexpr std::size_t most_content = 60'000;
/// Its base64 form leaves room for topic, headers and the rest.
inline constexpr std::size_t largest_payload = 42'000;

/// The JSON of a message, with its topic where `topic` says so. Nothing where it has crossed too many to go on. Holds no number that is
/// not an integer within +-(2^53 - 1): others are no canonical JSON.
std::optional<std::string> to_json(const Envelope& envelope, TimePoint now, std::string_view gateway, bool topic);
/// What `to_json` has written; the topic from there unless `out` has one. False where it is nothing of ours.
bool from_json(const nlohmann::json& message, std::string_view gateway, ArrivedMessage& out);

/// The member of an event's content that holds a message, where it is not the whole.
inline constexpr const char* envelope_key = "junctor";

/// An event for the room of one topic.
struct SingleEvent {
    std::string_view type;
    std::string content;
};
/// Text as people's clients show it, else `single_event`. Nothing as above.
std::optional<SingleEvent> to_single_event(const Envelope& envelope, TimePoint now, std::string_view gateway);
/// Either of them, or what a person wrote. `out` has its topic. False where it says nothing for subscribers.
bool from_single_event(std::string_view type, const nlohmann::json& content, std::string_view gateway, ArrivedMessage& out);

}  // namespace junctor::matrix
