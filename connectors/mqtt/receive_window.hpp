#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "connectors/mqtt/packet.hpp"

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

    /// Messages that count against Receive Maximum.
    std::size_t size() const noexcept;

    /// Messages that the gateway has not settled.
    std::size_t unsettled() const noexcept { return unsettled_.size(); }
    /// A QoS 2 message whose PUBREL has not come: it must not be published again.
    bool is_unreleased(std::uint16_t packet_id) const noexcept;
    bool is_unsettled(std::uint16_t packet_id) const noexcept;

    /// A message was handed to the gateway and waits to be settled.
    void wait(PacketType answer, std::uint16_t packet_id) noexcept { unsettled_.push_back({{answer, packet_id}, false}); }
    void settle(std::uint16_t packet_id, ReasonCode reason) noexcept;
    /// The next acknowledgement to send, if its turn has come.
    std::optional<Answer> next() noexcept;

    void add_unreleased(std::uint16_t packet_id) noexcept { unreleased_.push_back(packet_id); }
    void release(std::uint16_t packet_id) noexcept { std::erase(unreleased_, packet_id); }

private:
    struct Pending {
        Answer answer;
        bool settled;
    };

    std::vector<Pending> unsettled_;
    std::vector<std::uint16_t> unreleased_;
};

}  // namespace junctor::mqtt
