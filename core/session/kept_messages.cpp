#include "core/session/kept_messages.hpp"

namespace junctor {

std::uint32_t KeptMessages::hold(const EnvelopePtr& envelope) {
    if (last_ == 0 || messages_[last_].envelope != envelope) {
        last_ = messages_.add();
        messages_[last_].envelope = envelope;
        bytes_ += envelope->footprint();
    }
    ++messages_[last_].holders;
    return last_;
}

std::uint32_t KeptMessages::hold_again(std::uint32_t id, const EnvelopePtr& envelope, std::uint64_t number) {
    if (id == 0) {
        id = hold(envelope);
        messages_[id].number = number;
        return id;
    }
    ++messages_[id].holders;
    return id;
}

bool KeptMessages::release(std::uint32_t id) noexcept {
    Message& message = messages_[id];
    if (--message.holders > 0) return false;
    bytes_ -= message.envelope->footprint();
    message.envelope = nullptr;
    messages_.remove(id);
    if (last_ == id) last_ = 0;
    return true;
}

}  // namespace junctor
