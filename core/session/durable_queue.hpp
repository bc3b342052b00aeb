#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

#include "core/base/ring.hpp"
#include "core/model/envelope.hpp"
#include "core/ports/session.hpp"

namespace junctor {

/// What a durable session has not got yet: messages of QoS 1 and 2 under rising sequences. First the outstanding ones, which went
/// to a connection and are not finished, then those that wait. Knows no clock, wire or store; holds no memory while it is empty.
class DurableQueue {
public:
    struct Entry {
        enum class State : std::uint8_t { waiting, sent, received, done };

        std::size_t cost() const noexcept { return envelope->footprint() + sizeof *this; }
        std::span<const std::uint32_t> ids() const noexcept {
            return subscription_ids ? std::span(*subscription_ids) : std::span<const std::uint32_t>();
        }

        EnvelopePtr envelope;
        std::unique_ptr<const std::vector<std::uint32_t>> subscription_ids;  ///< null: none
        Ref<const SharedGroup> group;                                         ///< null: none
        std::uint64_t sequence = 0;
        std::uint64_t position = 0;  ///< of the journal, at which the entry stands durably
        std::uint32_t message = 0;   ///< which of the KeptMessages
        Qos qos = Qos::at_least_once;
        bool retain = false;
        State state = State::waiting;
    };

    struct Next {
        const Entry* entry;  ///< valid until the queue changes
        Repeat repeat;
    };

    /// Outstanding sequences lie so close together that `sequence % most_span` names each.
    static constexpr std::uint64_t most_span = 65'535;

    bool empty() const noexcept { return live_ == 0; }
    std::size_t size() const noexcept { return live_; }
    /// Shared payloads are counted in full.
    std::size_t bytes() const noexcept { return bytes_; }
    std::size_t outstanding() const noexcept { return live_ - waiting_.size(); }

    /// Returns its sequence: 1 more than the highest before, also of those that have left.
    std::uint64_t append(Entry entry);
    std::uint64_t last_sequence() const noexcept { return next_sequence_ - 1; }

    /// Sequences up to this one are not given.
    void skip_to(std::uint64_t sequence) noexcept { next_sequence_ = std::max(next_sequence_, sequence + 1); }

    /// All that is in it, in order.
    template <class Each>
    void for_each(Each&& each) const {
        for (std::size_t i = 0; i < outstanding_.size(); ++i)
            if (outstanding_[i].state != Entry::State::done) each(outstanding_[i]);
        for (std::size_t i = 0; i < waiting_.size(); ++i) each(waiting_[i]);
    }

    /// What goes to the wire next: what is to be repeated, then what waits. Nothing while the span of sequences is used up.
    std::optional<Next> next() const noexcept;
    /// The one that `next` named has gone to the wire.
    void sent();
    /// The one that `next` named leaves instead.
    Entry skip() noexcept;

    /// The client has this one, of QoS 2, which stands durably at `position`: returned. Null when it is not outstanding, or that was
    /// known.
    const Entry* received(std::uint64_t sequence, std::uint64_t position) noexcept;
    /// Nothing when it is not outstanding.
    std::optional<Entry> done(std::uint64_t sequence) noexcept;
    /// The oldest outstanding one, when it is not behind `sequence`.
    std::optional<Entry> done_up_to(std::uint64_t sequence) noexcept;
    /// The oldest of those that wait.
    std::optional<Entry> drop_oldest() noexcept;

    /// A new connection: all that is outstanding goes to the wire again.
    void resume() noexcept { repeat_from_ = 0; }

    /// From the store, in the order of the sequences; its state is `waiting` or `received`.
    void restore(Entry entry);
    /// After `restore`: so many may have gone to a wire, of the first or behind the last that was received.
    void presume_sent(std::size_t count);

private:
    static constexpr std::uint64_t nothing_to_repeat = UINT64_MAX;

    std::size_t place_of(std::uint64_t sequence) const noexcept;
    Entry* outstanding(std::uint64_t sequence) noexcept;
    const Entry* to_repeat() const noexcept;
    Entry finish(Entry& entry) noexcept;
    Entry forget(Entry entry) noexcept;
    void send_first();

    Ring<Entry> outstanding_;  ///< may hold some that are done, but not as the first
    Ring<Entry> waiting_;
    std::uint64_t next_sequence_ = 1;
    std::uint64_t repeat_from_ = nothing_to_repeat;  ///< outstanding ones from this sequence on are to be repeated
    std::size_t bytes_ = 0;
    std::uint32_t live_ = 0;
};

}  // namespace junctor
