#pragma once

#include <cstdint>
#include <vector>

#include "connectors/mqtt/packet.hpp"

namespace junctor::mqtt {

/// The packet identifiers of QoS 1 and 2 messages on their way to the client (5.0 sections 4.3, 4.9): which are out, and what each
/// waits for. Identifiers are given in a row, so that one byte per message is enough and every look-up is an index.
class SendWindow {
public:
    enum class Wait : std::uint8_t { nothing, puback, pubrec, pubcomp };

    /// At most `limit` messages unacknowledged at once.
    explicit SendWindow(std::uint16_t limit) noexcept : limit_(limit) {}

    bool open() const noexcept { return waiting_ < limit_ && states_.size() < longest_row; }
    std::size_t waiting() const noexcept { return waiting_; }

    /// The identifier of the next message. The window is open.
    std::uint16_t begin(std::uint8_t qos) noexcept;
    Wait wait_of(std::uint16_t packet_id) const noexcept;
    /// PUBREC has come for a message that waits for it.
    void released(std::uint16_t packet_id) noexcept;
    /// The message is done; it was waiting for something.
    void done(std::uint16_t packet_id) noexcept;

private:
    /// Half of all identifiers: a message that is never acknowledged stops the row before an identifier comes again.
    static constexpr std::size_t longest_row = 32'767;
    static constexpr std::uint32_t identifiers = 65'535;

    std::size_t index_of(std::uint16_t packet_id) const noexcept;
    void drop_done_front() noexcept;

    std::vector<Wait> states_;      ///< from `first_` on; those before `front_` are gone
    std::size_t front_ = 0;
    std::uint16_t first_ = 1;       ///< the identifier of states_[front_]
    std::uint16_t waiting_ = 0;
    std::uint16_t limit_;
};

}  // namespace junctor::mqtt
