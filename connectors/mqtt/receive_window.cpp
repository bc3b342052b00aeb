#include "connectors/mqtt/receive_window.hpp"

#include <algorithm>

namespace junctor::mqtt {

/// A QoS 2 message that is not settled stands in both lists.
std::size_t ReceiveWindow::size() const noexcept {
    const auto of_qos_1 = [](const Pending& one) { return one.answer.type == PacketType::puback; };
    return unreleased_.size() + static_cast<std::size_t>(std::ranges::count_if(unsettled_, of_qos_1));
}

bool ReceiveWindow::is_unreleased(std::uint16_t packet_id) const noexcept {
    return std::ranges::find(unreleased_, packet_id) != unreleased_.end();
}

bool ReceiveWindow::is_unsettled(std::uint16_t packet_id) const noexcept {
    return std::ranges::any_of(unsettled_, [packet_id](const Pending& one) { return one.answer.packet_id == packet_id; });
}

void ReceiveWindow::settle(std::uint16_t packet_id, ReasonCode reason) noexcept {
    const auto matches = [packet_id](const Pending& one) { return !one.settled && one.answer.packet_id == packet_id; };
    const auto found = std::ranges::find_if(unsettled_, matches);
    if (found == unsettled_.end()) return;
    found->answer.reason = reason;
    found->settled = true;
}

std::optional<ReceiveWindow::Answer> ReceiveWindow::next() noexcept {
    if (unsettled_.empty() || !unsettled_.front().settled) return std::nullopt;
    const Answer answer = unsettled_.front().answer;
    unsettled_.erase(unsettled_.begin());
    return answer;
}

}  // namespace junctor::mqtt
