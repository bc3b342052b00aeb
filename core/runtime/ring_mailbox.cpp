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
    const std::size_t count = mesh_.ring(self_, to).push(staged);
    staged.erase(staged.begin(), std::next(staged.begin(), static_cast<std::ptrdiff_t>(count)));
    staged_count_ -= count;
    if (!staged.empty()) backlogged_ = true;
    mesh_.bell(to).ring();
}

std::size_t RingMailbox::receive(const Handler& handler) noexcept {
    std::vector<Mail> own = std::exchange(own_, {});
    for (Mail& mail : own) handler(std::move(mail));
    std::size_t count = own.size();
    for (std::uint16_t from = 0; from < mesh_.size(); ++from)
        if (from != self_.value) count += mesh_.ring({from}, self_).drain(handler);
    return count;
}

bool RingMailbox::has_mail() const noexcept {
    if (!own_.empty()) return true;
    for (std::uint16_t from = 0; from < mesh_.size(); ++from)
        if (from != self_.value && !mesh_.ring({from}, self_).empty()) return true;
    return false;
}

}  // namespace junctor
