#include "connectors/mqtt/receive_window.hpp"

#include <cassert>

namespace junctor::mqtt {

void ReceiveWindow::wait(PacketType answer, std::uint16_t packet_id) noexcept {
    if (answer == PacketType::puback) ++counted_;
    row_.push_back({{answer, packet_id}, false});
}

void ReceiveWindow::settle(Position position, ReasonCode reason) noexcept {
    const Position index = position - first_;
    assert(index < unsettled());
    Pending& settled = row_[front_ + index];
    settled.answer.reason = reason;
    settled.settled = true;
}

std::optional<ReceiveWindow::Answer> ReceiveWindow::next() noexcept {
    if (unsettled() == 0 || !row_[front_].settled) return std::nullopt;
    const Answer answer = row_[front_].answer;
    if (answer.type == PacketType::puback) --counted_;
    ++front_;
    ++first_;
    // Moving the rest to the front only when as much has gone keeps the cost per message constant.
    if (2 * front_ >= row_.size()) {
        row_.erase(row_.begin(), row_.begin() + static_cast<std::ptrdiff_t>(front_));
        front_ = 0;
    }
    return answer;
}

void ReceiveWindow::add_unreleased(std::uint16_t packet_id) noexcept {
    unreleased_.add(packet_id, {});
    ++counted_;
}

std::optional<ReceiveWindow::Phase> ReceiveWindow::phase_of(std::uint16_t packet_id) const noexcept {
    const Unreleased* found = unreleased_.find(packet_id);
    if (!found) return std::nullopt;
    return found->phase;
}

void ReceiveWindow::set_phase(std::uint16_t packet_id, Phase phase) noexcept {
    if (Unreleased* found = unreleased_.find(packet_id)) found->phase = phase;
}

void ReceiveWindow::release(std::uint16_t packet_id) noexcept {
    const Unreleased* found = unreleased_.find(packet_id);
    if (!found) return;
    if (found->counted) --counted_;
    unreleased_.erase(packet_id);
}

}  // namespace junctor::mqtt
