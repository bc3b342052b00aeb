#include "connectors/mqtt/send_window.hpp"

#include <cassert>

namespace junctor::mqtt {

std::uint16_t SendWindow::begin(std::uint8_t qos) noexcept {
    assert(open() && qos > 0);
    const std::size_t index = states_.size() - front_;
    states_.push_back(qos == 1 ? Wait::puback : Wait::pubrec);
    ++waiting_;
    return static_cast<std::uint16_t>((first_ - 1U + index) % identifiers + 1);
}

/// Where in `states_` an identifier stands, possibly beyond its end.
std::size_t SendWindow::index_of(std::uint16_t packet_id) const noexcept {
    return front_ + (packet_id + identifiers - first_) % identifiers;
}

SendWindow::Wait SendWindow::wait_of(std::uint16_t packet_id) const noexcept {
    const std::size_t index = index_of(packet_id);
    return packet_id != 0 && index < states_.size() ? states_[index] : Wait::nothing;
}

void SendWindow::released(std::uint16_t packet_id) noexcept {
    assert(wait_of(packet_id) == Wait::pubrec);
    states_[index_of(packet_id)] = Wait::pubcomp;
}

void SendWindow::done(std::uint16_t packet_id) noexcept {
    assert(wait_of(packet_id) != Wait::nothing);
    states_[index_of(packet_id)] = Wait::nothing;
    --waiting_;
    drop_done_front();
}

void SendWindow::drop_done_front() noexcept {
    while (front_ < states_.size() && states_[front_] == Wait::nothing) {
        ++front_;
        first_ = static_cast<std::uint16_t>(first_ % identifiers + 1);
    }
    // Moving the rest to the front only when as much has gone keeps the cost per message constant.
    if (front_ * 2 >= states_.size()) {
        states_.erase(states_.begin(), states_.begin() + static_cast<std::ptrdiff_t>(front_));
        front_ = 0;
    }
}

}  // namespace junctor::mqtt
