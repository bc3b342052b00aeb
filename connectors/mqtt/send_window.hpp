#pragma once

#include <cstdint>

#include "connectors/mqtt/packet_id_table.hpp"

namespace junctor::mqtt {

/// QoS 1 and 2 messages on their way to the client (5.0 sections 4.3, 4.9): which packet identifiers are out, and what each waits for.
/// A message of a durable session has its identifier from its sequence, so that it is the same after a reconnect; any other gets the
/// next that is free.
class SendWindow {
public:
    enum class Wait : std::uint8_t {
        nothing,
        puback,
        pubrec,
        released,  ///< PUBREC has come; PUBREL follows when that stands durably
        pubcomp,
    };

    /// `sequence` 0: the message is of no durable session.
    struct Message {
        std::uint64_t sequence : 56 = 0;
        Wait wait : 8 = Wait::nothing;
    };

    /// At most `limit` messages unacknowledged at once.
    explicit SendWindow(std::uint16_t limit) noexcept : limit_(limit) {}

    static constexpr std::uint16_t identifier_of(std::uint64_t sequence) noexcept {
        return static_cast<std::uint16_t>(sequence % identifiers + 1);
    }

    bool open() const noexcept { return messages_.size() < limit_; }
    std::size_t waiting() const noexcept { return messages_.size(); }

    /// The identifier of the next message, which has no sequence. The window is open.
    std::uint16_t begin(Wait wait) noexcept;
    /// The identifier of the message with that sequence; 0 while another has it: 65,535 messages came after that one.
    std::uint16_t begin(Wait wait, std::uint64_t sequence) noexcept;

    /// Waits for nothing where the identifier is not in use.
    Message find(std::uint16_t packet_id) const noexcept;
    /// The message is there.
    void now_waits(std::uint16_t packet_id, Wait wait) noexcept;
    void done(std::uint16_t packet_id) noexcept { messages_.erase(packet_id); }

private:
    static constexpr std::uint32_t identifiers = 65'535;
    static constexpr std::uint64_t longest_sequence = (std::uint64_t{1} << 56) - 1;

    PacketIdTable<Message> messages_;
    std::uint16_t last_ = 0;  ///< the identifier last given to a message without a sequence
    std::uint16_t limit_;
};

}  // namespace junctor::mqtt
