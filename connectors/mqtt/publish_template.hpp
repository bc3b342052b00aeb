#pragma once

#include <cstdint>
#include <span>

#include "connectors/mqtt/packet.hpp"
#include "connectors/mqtt/sent_aliases.hpp"
#include "core/model/envelope.hpp"
#include "core/ports/stream.hpp"
#include "core/ports/template.hpp"

namespace junctor::mqtt {

/// What one session puts into a PUBLISH of its own.
struct PublishHead {
    std::uint16_t packet_id = 0;  ///< with a QoS above 0
    Qos qos = Qos::at_most_once;
    bool retain = false;
    bool dup = false;
    std::span<const std::uint32_t> subscription_ids = {};  ///< 5.0 only
    SentAliases::Alias alias = {};                         ///< 5.0 only
};

/// Writes the complete QoS 0 PUBLISH of a message: what most sessions send as it is, and the rest with a head of their own.
/// `now` says how many seconds of its life are left. `with_position`: 5.0 clients see its place in a history.
void encode_publish(const Envelope& envelope, Version version, TimePoint now, Template& out, bool with_position = false) noexcept;

/// The size of the packet that `send_publish` would send, for the client's Maximum Packet Size.
std::size_t publish_size(const Template& encoded, const PublishHead& head) noexcept;

/// One message to the stream, in one `send`.
void send_publish(Stream& stream, const Template& encoded, const PublishHead& head) noexcept;

}  // namespace junctor::mqtt
