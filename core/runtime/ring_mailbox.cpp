#include "core/runtime/ring_mailbox.hpp"

#include <iterator>
#include <utility>

namespace junctor {

RingMailbox::RingMailbox(CoreId self, CoreMesh& mesh) : self_(self), mesh_(mesh), staged_(mesh.size()) {}

void RingMailbox::post(CoreId to, Mail&& mail) noexcept {
    mail.from = self_;
    staged_[to.value].push_back(std::move(mail));
    ++staged_count_;
}

void RingMailbox::hand_over() noexcept {
    backlogged_ = false;
    for (std::uint16_t to = 0; staged_count_ != 0 && to < mesh_.size(); ++to)
        if (!staged_[to].empty()) hand_over_to({to}, staged_[to]);
}

void RingMailbox::hand_over_to(CoreId to, std::vector<Mail>& staged) noexcept {
    if (to == self_) {
        staged_count_ -= staged.size();
        own_.insert(own_.end(), std::make_move_iterator(staged.begin()), std::make_move_iterator(staged.end()));
        return staged.clear();
    }
    CoreMesh::Path& path = mesh_.path(self_, to);
    const std::size_t count = path.ring.push(staged);
    staged.erase(staged.begin(), std::next(staged.begin(), static_cast<std::ptrdiff_t>(count)));
    staged_count_ -= count;
    mesh_.bell(to).ring();
    if (staged.empty()) return;
    backlogged_ = true;
    path.sender_waits.store(true, std::memory_order_release);
}

std::size_t RingMailbox::receive(const Handler& handler) noexcept {
    std::vector<Mail> own = std::exchange(own_, {});
    for (Mail& mail : own) handler(std::move(mail));
    std::size_t count = own.size();
    for (std::uint16_t from = 0; from < mesh_.size(); ++from)
        if (from != self_.value) count += receive_from({from}, handler);
    return count;
}

std::size_t RingMailbox::receive_from(CoreId from, const Handler& handler) noexcept {
    CoreMesh::Path& path = mesh_.path(from, self_);
    const std::size_t count = path.ring.drain(handler);
    if (count != 0 && path.sender_waits.load(std::memory_order_acquire) && path.sender_waits.exchange(false)) mesh_.bell(from).ring();
    return count;
}

bool RingMailbox::has_mail() const noexcept {
    if (!own_.empty()) return true;
    for (std::uint16_t from = 0; from < mesh_.size(); ++from)
        if (from != self_.value && !mesh_.path({from}, self_).ring.empty()) return true;
    return false;
}

}  // namespace junctor
