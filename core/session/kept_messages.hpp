#pragma once

#include <vector>

#include "core/base/node_pool.hpp"
#include "core/model/envelope.hpp"

namespace junctor {

/// The messages of one core that wait in queues of durable sessions: once each, however many wait for it. Their bytes count towards
/// `Limits::stored`.
class KeptMessages {
public:
    /// One more queue holds the message. Those of one fan-out come one after the other and are known as the same.
    std::uint32_t hold(const EnvelopePtr& envelope);
    /// The same for one that `id` names already; with 0 it is a new one under that number.
    std::uint32_t hold_again(std::uint32_t id, const EnvelopePtr& envelope, std::uint64_t number);
    /// One less. True when nobody is left.
    bool release(std::uint32_t id) noexcept;
    /// Under which the store holds it; 0: not yet, or there is no store.
    std::uint64_t number(std::uint32_t id) const noexcept { return messages_[id].number; }
    void set_number(std::uint32_t id, std::uint64_t number) noexcept { messages_[id].number = number; }

    std::size_t size() const noexcept { return messages_.size(); }
    std::size_t bytes() const noexcept { return bytes_; }

private:
    struct Message {
        EnvelopePtr envelope;
        std::uint64_t number = 0;
        std::uint32_t holders = 0;
        std::uint32_t next_free = 0;
    };

    NodePool<Message, &Message::next_free> messages_;
    std::uint32_t last_ = 0;
    std::size_t bytes_ = 0;
};

}  // namespace junctor
