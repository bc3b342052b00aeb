#pragma once

#include <vector>

#include "connectors/mqtt/packet_id_table.hpp"
#include "core/ports/session.hpp"

namespace junctor::mqtt {

/// QoS 1 messages of shared subscriptions that a client has not acknowledged: other members of the group get them when it is lost
/// (5.0 section 4.8.2).
class SharedMessages {
public:
    void add(std::uint16_t packet_id, HandedBack message) noexcept { messages_.add(packet_id, {++added_, std::move(message)}); }
    /// Nothing for one that came by no shared subscription.
    void done(std::uint16_t packet_id) noexcept { messages_.erase(packet_id); }
    /// All of them, the oldest first.
    std::vector<HandedBack> take() noexcept;

private:
    struct Entry {
        std::uint64_t order = 0;
        HandedBack message;
    };

    PacketIdTable<Entry> messages_;
    std::uint64_t added_ = 0;
};

}  // namespace junctor::mqtt
