#pragma once

#include <deque>
#include <unordered_map>

#include "core/ports/backend.hpp"
#include "core/ports/mailbox.hpp"
#include "core/runtime/core.hpp"
#include "core/store/journal.hpp"

namespace junctor {

/// What a message leaves to wait for on its way through a core.
struct CommitNeed {
    std::uint64_t number = 0;   ///< by which the answers of other cores name it; 0: nobody waits
    std::uint32_t missing = 0;  ///< of those answers
    bool here = false;          ///< it may stand in this core's journal
    bool joint = false;         ///< its parts become durable together
};

/// What waits until it is stored (DESIGN 5.6): the receipts of publishers here, and the answers to other cores that have handed
/// messages on to this one. Receipts go in the order of their publishes; nobody waits for a receipt, so that cores cannot wait in a
/// circle. Without a store nothing waits.
class Commits final : private CommitListener {
public:
    /// Where receipts go in the end.
    class Settler {
    public:
        virtual void settle_now(BackendTicket ticket, Errc code, std::uint32_t matches) noexcept = 0;

    protected:
        ~Settler() = default;
    };

    Commits(Core& core, Settler& settler);

    bool stores() const noexcept { return journal_.stores(); }
    bool accepts() const noexcept { return journal_.accepts(); }
    std::uint64_t new_number() noexcept { return ++last_number_; }
    /// A transaction that nobody else uses, for `StoreBatch::Joint`.
    std::uint64_t transaction(std::uint64_t number) const noexcept { return std::uint64_t{core_.id().value} << 48 | number; }
    void join(StoreBatch::Joint joint) { journal_.batch().join(joint); }

    /// A publisher's message is on its way. Returns what goes into its receipt (`BackendReceipt::commit`).
    std::uint64_t begin(const CommitNeed& need);
    /// Its receipt: goes now, or when the message is stored and those before it have gone.
    void settle(BackendTicket ticket, Errc code, std::uint32_t matches, std::uint64_t commit = 0) noexcept;

    /// Another core's message is on its way: its `stored` goes when the need is met.
    void answer(CoreId to, Token token, const CommitNeed& need);
    /// The mail goes when all that this core has written so far is durable.
    void post_when_stored(CoreId to, Mail&& mail);

    /// One answer less is missing for that number; `here`: this core has stored it instead.
    void stored(std::uint64_t number, bool here = false) noexcept;

private:
    struct Receipt {
        std::uint64_t number = 0;
        std::uint64_t position = 0;
        std::uint32_t missing = 0;
        std::uint32_t matches = 0;
        BackendTicket ticket{};
        Errc code = Errc::ok;
    };
    struct Answer {
        CoreId to;
        Token token;
        std::uint64_t position = 0;
        std::uint32_t missing = 0;
    };
    struct Owed {
        std::uint64_t position;
        CoreId to;
        Mail mail;
    };

    void committed(std::uint64_t position) noexcept override;
    void settle_ready() noexcept;
    void post_ready() noexcept;
    void post_stored(const Answer& answer);
    std::uint64_t written() const noexcept;
    Receipt* find(std::uint64_t number) noexcept;
    void add_waiting(SessionId session) { ++waiting_[session]; }
    void remove_waiting(SessionId session) noexcept;

    Core& core_;
    Journal& journal_;
    Settler& settler_;
    std::uint64_t last_number_ = 0;
    std::deque<Receipt> receipts_;                            ///< numbers ascend
    std::unordered_map<SessionId, std::uint32_t> waiting_;    ///< receipts of each session
    std::unordered_map<std::uint64_t, Answer> answers_;       ///< that still miss others' answers
    std::deque<Owed> owed_;                                   ///< positions ascend
};

}  // namespace junctor
