#pragma once

#include <functional>
#include <vector>

#include "core/ports/mailbox.hpp"
#include "core/runtime/core_mesh.hpp"

namespace junctor {

/// The mailbox of one core: mail is staged here and handed over to the rings once per round, so that a burst costs one store
/// and at most one wake-up. Mail to the core itself goes the same way, without a ring.
class RingMailbox final : public Mailbox {
public:
    using Handler = std::function<void(Mail&&)>;

    RingMailbox(CoreId self, CoreMesh& mesh);

    void post(CoreId to, Mail&& mail) noexcept override;

    /// Moves staged mail into the rings as far as it fits and wakes those who sleep.
    void hand_over() noexcept;
    /// Mail is waiting on this side: because a ring is full, or since the last hand-over.
    bool staged() const noexcept { return staged_count_ != 0; }
    /// The last hand-over found a full ring: this core takes no more from its clients until the receiver has caught up.
    bool backlogged() const noexcept { return backlogged_; }

    /// Hands what has arrived to `handler`, from each core in order; answers how many.
    std::size_t receive(const Handler& handler) noexcept;
    bool has_mail() const noexcept;

private:
    void hand_over_to(CoreId to, std::vector<Mail>& staged) noexcept;
    std::size_t receive_from(CoreId from, const Handler& handler) noexcept;

    CoreId self_;
    CoreMesh& mesh_;
    std::vector<std::vector<Mail>> staged_;  ///< by receiving core
    std::vector<Mail> own_;                  ///< to this core, handed over
    std::size_t staged_count_ = 0;
    bool backlogged_ = false;
};

}  // namespace junctor
