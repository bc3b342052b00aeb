#pragma once

#include <string_view>
#include <vector>

#include "core/ports/store.hpp"

namespace junctor {

/// Hears that more of a core's journal has become durable; on that core, never from within `Journal::batch`.
class CommitListener {
public:
    /// Everything up to and including `position` is durable.
    virtual void committed(std::uint64_t position) noexcept = 0;

protected:
    ~CommitListener() = default;
};

/// One core's way into the store: collects what the core changes during a round and submits it as one batch at the round's end.
/// Belongs to its core. Without a store nothing is kept and everything counts as durable at once.
///
/// Use: write into `batch()`, remember `position()`, and do what must wait (an acknowledgement) when `is_durable(position)`.
class Journal {
public:
    Journal(CoreId core, Store* store) noexcept : core_(core), store_(store) {}
    Journal(const Journal&) = delete;
    Journal& operator=(const Journal&) = delete;

    /// Is there a store behind it? If not, writing into `batch()` is a waste.
    bool stores() const noexcept { return store_ != nullptr; }
    /// False: refuse what would have to be stored (Errc::overloaded).
    bool accepts() const noexcept { return !store_ || store_->accepts(); }
    /// What whoever is refused then is told.
    static constexpr std::string_view refusal = "the gateway cannot store anything at present; try again later";

    StoreBatch& batch() noexcept { return batch_; }
    /// Of the batch that is being filled.
    std::uint64_t position() const noexcept { return submitted_ + 1; }
    bool is_durable(std::uint64_t position) const noexcept { return !store_ || position <= durable_; }

    /// Whether a flush would submit anything.
    bool staged() const noexcept { return !batch_.empty(); }
    /// The driver's, at the end of every round: submits what was collected, if anything.
    void flush() noexcept;
    /// The store's answer, on this core: so many batches are durable.
    void committed(std::uint64_t batches) noexcept;

    /// `listener` outlives the journal's use; called in the order of adding.
    void add(CommitListener& listener) { listeners_.push_back(&listener); }

private:
    CoreId core_;
    Store* store_;
    StoreBatch batch_;
    std::uint64_t submitted_ = 0;
    std::uint64_t durable_ = 0;
    std::vector<CommitListener*> listeners_;
};

}  // namespace junctor
