#pragma once

#include <vector>

#include "core/runtime/timer_wheel.hpp"
#include "core/session/session_record.hpp"
#include "core/store/journal.hpp"
#include "core/store/keys.hpp"

namespace junctor {

class Core;

/// Writes down what happens to one core's durable sessions. Does nothing where there is no store.
///
/// What is spent, entries and messages that nobody waits for any more, is erased a little later and in runs: if the process dies
/// meanwhile it comes back as something that may have been delivered.
class SessionJournal {
public:
    explicit SessionJournal(Core& core) noexcept : core_(core) {}

    bool stores() const noexcept;
    /// A number that names a session, or a message, in the store. Not 0.
    std::uint64_t new_session() noexcept;
    std::uint64_t new_message() noexcept;
    /// After recovery: higher than all that are there.
    void begin_after(std::uint64_t last_session, std::uint64_t last_message) noexcept;

    void session(std::uint64_t number, const SessionRecord& record);
    void session_ended(std::uint64_t number);
    void subscribed(std::uint64_t session, const TopicFilter& filter, const SubscribeOptions& options);
    void unsubscribed(std::uint64_t session, const TopicFilter& filter);
    void unreleased(std::uint64_t session, std::uint16_t id);
    void released(std::uint64_t session, std::uint16_t id);
    void message(std::uint64_t number, const Envelope& envelope);
    void queued(std::uint64_t session, std::uint64_t sequence, const QueuedRecord& record);
    /// The will of a session that is not durable; null: it has none any more.
    void will(SessionId session, const Will* will, const PrincipalRef& principal);

    void entry_spent(std::uint64_t session, std::uint64_t sequence);
    void message_spent(std::uint64_t number);
    /// Erases what is spent, at once.
    void sweep();

private:
    struct Sweep final : Timer {
        explicit Sweep(SessionJournal& whose) noexcept : journal(whose) {}
        void expired(TimePoint) noexcept override { journal.sweep(); }
        SessionJournal& journal;
    };

    struct Spent {
        std::uint64_t owner;
        std::uint64_t number;
        friend auto operator<=>(const Spent&, const Spent&) = default;
    };

    void put(Bytes key, ByteBuffer& body);
    void spend(std::vector<Spent>& list, Spent what);
    void erase_runs(std::vector<Spent>& list, keys::FixedKey (*key)(std::uint64_t owner, std::uint64_t number) noexcept);

    Core& core_;
    std::uint64_t last_session_ = 0;
    std::uint64_t last_message_ = 0;
    std::vector<Spent> entries_;
    std::vector<Spent> messages_;
    ByteBuffer body_;  // scratch
    Sweep sweep_{*this};
};

}  // namespace junctor
