#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "connectors/mqtt/packet.hpp"
#include "connectors/mqtt/packet_id_table.hpp"

namespace junctor::mqtt {

/// QoS 1 and 2 messages from the client that are not finished. Acknowledgements leave in the order in which the messages came
/// (5.0 section 4.6), however the gateway settles them.
class ReceiveWindow {
public:
    struct Answer {
        PacketType type = PacketType::puback;
        std::uint16_t packet_id = 0;
        ReasonCode reason = ReasonCode::success;
    };
    /// How far a QoS 2 message has come whose PUBREL has not been answered.
    enum class Phase : std::uint8_t {
        unsettled,
        released_early,  ///< PUBREL came before the gateway had settled it
        answered,
        releasing,       ///< PUBREL has come, PUBCOMP waits for the gateway
    };
    /// A place in the row of messages that wait to be settled. Counts up.
    using Position = std::uint32_t;

    /// Messages that count against Receive Maximum.
    std::size_t size() const noexcept { return counted_; }

    /// Messages that the gateway has not settled, and those behind them.
    std::size_t unsettled() const noexcept { return row_.size() - front_; }
    /// The place of the next message that comes to wait.
    Position next_position() const noexcept { return first_ + static_cast<Position>(unsettled()); }
    /// A message was handed to the gateway and waits to be settled.
    void wait(PacketType answer, std::uint16_t packet_id) noexcept;
    void settle(Position position, ReasonCode reason) noexcept;
    bool is_first(Position position) const noexcept { return position == first_; }
    /// The next acknowledgement to send, if its turn has come.
    std::optional<Answer> next() noexcept;

    /// A QoS 2 message that must not be published again before its PUBREL. It is not there yet.
    void add_unreleased(std::uint16_t packet_id) noexcept;
    /// One that an earlier connection of the session left: it does not count (section 4.9).
    void restore_unreleased(std::uint16_t packet_id) noexcept { unreleased_.add(packet_id, {Phase::answered, false}); }
    std::optional<Phase> phase_of(std::uint16_t packet_id) const noexcept;
    void set_phase(std::uint16_t packet_id, Phase phase) noexcept;
    void release(std::uint16_t packet_id) noexcept;

private:
    struct Pending {
        Answer answer;
        bool settled = false;
    };
    struct Unreleased {
        Phase phase = Phase::unsettled;
        bool counted = true;
    };

    std::vector<Pending> row_;  ///< those before `front_` are gone
    std::size_t front_ = 0;
    Position first_ = 0;        ///< the place of row_[front_]
    PacketIdTable<Unreleased> unreleased_;
    std::size_t counted_ = 0;
};

}  // namespace junctor::mqtt
