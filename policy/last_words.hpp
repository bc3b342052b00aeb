#pragma once

#include <memory>
#include <unordered_map>

#include "core/model/will.hpp"
#include "core/runtime/timer_wheel.hpp"
#include "core/session/session_journal.hpp"
#include "policy/departed.hpp"

namespace junctor {

class LastWords;

/// A will that is due, and who leaves it.
class LastWord final : public Departed {
public:
    /// `origin`: the session on whose behalf, for those who do not want what they publish themselves; none: whoever it was is not here.
    LastWord(LastWords& owner, std::string name, std::string_view protocol, PrincipalRef who, std::unique_ptr<Will> will, SessionId origin);

    void settled(Token, const Receipt& receipt) noexcept override;

    SessionId origin() const noexcept { return origin_; }
    Qos qos() const noexcept { return will_->draft.qos; }
    std::size_t bytes() const noexcept;
    /// What is to be published. Its views live as long as this.
    Draft draft() const;

private:
    friend class LastWords;

    LastWords& owner_;
    const std::unique_ptr<Will> will_;
    const SessionId origin_;
    bool recorded_ = false;  ///< in the store, under the id of this
    bool waits_ = false;     ///< to be tried again
};

/// The wills of one core that are due, until each is taken or refused for good. What cannot be taken now (the disk is full, the backend
/// away) is tried again, at QoS 1 and 2: nobody else would. With a store such a will stays recorded until its message is, so that a crash
/// in between loses neither. Bounded in bytes; what is over that is given up and counted.
class LastWords final : private CommitListener {
public:
    static constexpr Duration pause = std::chrono::seconds(1);  ///< between one attempt and the next

    class Owner {
    public:
        virtual void opened(Departed& departed) noexcept = 0;
        virtual void ended(Departed& departed) noexcept = 0;
        /// Publishes it, or refuses it, by way of its `settled`; at once or later. It may be gone when this returns.
        virtual void speak(LastWord& word) noexcept = 0;

    protected:
        ~Owner() = default;
    };

    LastWords(Core& core, SessionJournal& records, Owner& owner);

    /// Of a session that is open still; null where there is no room. Whatever the store has of the will elsewhere goes in the same round.
    LastWord* add(const Session& from, std::unique_ptr<Will> will);
    /// One that the store kept for somebody who was connected when the process ended. It speaks when the cores run.
    void restore(PrincipalRef who, std::unique_ptr<Will> will);

    LastWord* find(SessionId id) const noexcept;
    /// It is published now. True: what this core writes until the round ends has to stand or fall with the message
    /// (`Draft::exactly_once_id`), because the record goes. `remote`: a backend elsewhere takes it, in no transaction of ours.
    bool go(LastWord& word, bool remote);
    /// Not now.
    void postpone(LastWord& word) noexcept;

private:
    friend class LastWord;

    struct Retry final : Timer {
        explicit Retry(LastWords& whose) noexcept : words(whose) {}
        void expired(TimePoint) noexcept override { words.speak_again(); }
        LastWords& words;
    };

    void committed(std::uint64_t position) noexcept override;
    LastWord& open(std::unique_ptr<LastWord> word);
    void record(LastWord& word);
    void erase(LastWord& word) noexcept;
    void settle(LastWord& word, Errc code) noexcept;
    void wait() noexcept;
    void speak_again() noexcept;
    void end(LastWord& word) noexcept;
    void count(std::int64_t words, std::int64_t bytes) noexcept;

    Core& core_;
    SessionJournal& records_;
    Owner& owner_;
    std::unordered_map<SessionId, std::unique_ptr<LastWord>> words_;
    std::size_t bytes_ = 0;
    bool disk_full_ = false;  ///< when one was refused; the others wait for the timer
    Retry retry_{*this};
};

}  // namespace junctor
