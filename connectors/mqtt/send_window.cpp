#include "connectors/mqtt/send_window.hpp"

#include <cassert>

namespace junctor::mqtt {

std::uint16_t SendWindow::begin(Wait wait) noexcept {
    assert(open());
    do {
        last_ = static_cast<std::uint16_t>(last_ % identifiers + 1);
    } while (messages_.find(last_));
    messages_.add(last_, {0, wait});
    return last_;
}

std::uint16_t SendWindow::begin(Wait wait, std::uint64_t sequence) noexcept {
    const std::uint16_t packet_id = identifier_of(sequence);
    if (messages_.find(packet_id)) return 0;
    messages_.add(packet_id, {sequence & longest_sequence, wait});
    return packet_id;
}

SendWindow::Message SendWindow::find(std::uint16_t packet_id) const noexcept {
    const Message* found = messages_.find(packet_id);
    return found ? *found : Message{};
}

void SendWindow::now_waits(std::uint16_t packet_id, Wait wait) noexcept {
    Message* found = messages_.find(packet_id);
    assert(found);
    found->wait = wait;
}

}  // namespace junctor::mqtt
