#pragma once

#include <optional>

#include "connectors/vertx/codec.hpp"
#include "core/ports/arrived_message.hpp"

namespace junctor::vertx {

/// The fields that a message has on an address of its own, and what they show. What a header cannot say there (two of one name, bytes
/// that are no UTF-8) does not cross.
struct OnBus {
    Frame frame{};  ///< `body` and `headers`; views of what follows and of the envelope
    ByteBuffer body{};
    std::vector<std::string> kept{};
};

/// Nothing where it has crossed too many to go on. An empty `gateway` is none: for a client, who does not hear where it has been.
std::optional<OnBus> to_bus(const Envelope& envelope, TimePoint now, const std::string& gateway);

/// What a delivered frame says, but for its topic; false where it cannot be understood.
bool from_bus(const Frame& frame, const std::string& gateway, ArrivedMessage& out);

/// The topic at which somebody here answers whoever waits at an address of the bus: `$inbox/vertx:/<address>`, percent-escaped.
std::string reply_topic(std::string_view reply_address);
/// The address behind such a topic.
std::optional<std::string> reply_address_of(std::string_view topic);

/// Why the bus could not do what it was asked.
Errc errc_of(std::string_view failure_type) noexcept;

}  // namespace junctor::vertx
