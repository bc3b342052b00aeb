#pragma once

#include <memory>
#include <unordered_map>
#include <vector>

#include "core/base/duration_text.hpp"
#include "core/session/durable_session.hpp"
#include "core/session/kept_messages.hpp"
#include "core/session/session_journal.hpp"
#include "core/session/stored_sessions.hpp"
#include "core/store/journal.hpp"

namespace junctor {

class Core;

/// The durable sessions of one core: whose connection is here, whose time is over, what waits for the journal.
class DurableSessions final : private CommitListener {
public:
    /// What sessions need of the world around them: rights, routing and events.
    class Owner {
    public:
        /// May the session have what waits for it? Nothing: somebody elsewhere is asked, and `DurableSession::pump` follows.
        virtual std::optional<bool> may_have(DurableSession& session, const Topic& topic) noexcept = 0;
        /// Is that asked also of what has just come?
        virtual bool sifts() const noexcept = 0;
        /// Deliveries to the session look different from now on.
        virtual void rewired(DurableSession& session) noexcept = 0;
        virtual void will_due(DurableSession& session, std::unique_ptr<Will> will) noexcept = 0;
        /// The session goes: out of routing and the table.
        virtual void ended(DurableSession& session) noexcept = 0;
        /// Its time was over while nobody was connected. Before `ended`.
        virtual void expired(DurableSession& session) noexcept = 0;
        /// The session may not have this one. Where somebody else may instead, of its group or as the receiver of a `send`, it goes on to him: true.
        virtual bool passes_on(DurableSession&, const EnvelopePtr&, const Ref<const SharedGroup>&) noexcept { return false; }
        /// A message for the session is not delivered.
        virtual void lost(DurableSession& session, const EnvelopePtr& envelope, Loss loss) noexcept = 0;
        /// Has somebody of whom the session is a part no room for so many bytes more in its queues? Then a message is lost.
        virtual bool over_share(const DurableSession&, std::size_t) noexcept { return false; }
        /// So many bytes are in its queue now.
        virtual void queued(const DurableSession&, std::size_t) noexcept {}

    protected:
        ~Owner() = default;
    };

    DurableSessions(Core& core, Owner& owner);
    ~DurableSessions();

    /// The one of that name; null without.
    DurableSession* find(TenantId tenant, std::string_view name) const noexcept;
    /// The one whose connection `wire` is; null: none.
    DurableSession* of(const Session& wire) const noexcept {
        const std::uint32_t slot = wire.id().slot();
        return slot < by_wire_.size() ? by_wire_[slot] : nullptr;
    }

    /// May there be one more?
    bool has_room() const noexcept;
    /// A new session that is open in routing already.
    DurableSession& adopt(std::unique_ptr<DurableSession> session);
    /// `wire` is open too.
    void attach(DurableSession& session, Session& wire, Duration expiry);
    /// Its principal is vouched for anew, with other groups, claims or time perhaps.
    void renew(DurableSession& session, PrincipalRef principal);
    void change_expiry(DurableSession& session, Duration expiry) noexcept;
    /// Null: none any more.
    void set_will(DurableSession& session, std::unique_ptr<Will> will) noexcept;
    /// The connection ends. A will goes when it is due; the session ends now if it does not outlive its connection.
    void detach(DurableSession& session) noexcept;
    /// The session ends now; not within one of its calls, where it may still be used until the call returns.
    void end(DurableSession& session) noexcept;

    /// Before the first `restore`: numbers go on after those of the store, and what nobody needs is erased.
    void prepare(const StoredSessions::Part& part);
    /// A session that was stored, adopted before. Nobody is connected.
    void restore(DurableSession& session, StoredSessions::Stored stored, const StoredSessions::Messages& messages);
    /// After the last one.
    void restored() {
        restored_ = {};
        restored_group_ = nullptr;
    }

    void note_unreleased(DurableSession& session, std::uint16_t id);
    /// The inbound id may come again; `by` hears of it when that stands durably.
    void release(DurableSession& session, std::uint16_t id, Token token) noexcept;
    /// The publish of an inbound id that was known settles when that stands durably.
    void settle_again(DurableSession& session, Token token) noexcept;
    void settle_when_durable(SessionId session, Token token, const Receipt& receipt) noexcept;

    std::size_t size() const noexcept { return count_; }
    const KeptMessages& messages() const noexcept { return messages_; }
    SessionJournal& records() noexcept { return records_; }

private:
    friend class DurableSession;

    /// What happens when the journal is durable up to `position`.
    struct Wait {
        enum class What : std::uint8_t { settle, release, pump };

        std::uint64_t position = 0;
        std::uint64_t number = 0;  ///< token or sequence
        SessionId session;
        SessionId wire;
        What what = What::settle;
        Errc code = Errc::ok;
        std::uint32_t matches = 0;
        std::vector<Errc> each;
        std::vector<HistoryOutcome> history;
        std::string reason;
    };

    /// Frees sessions that have ended, outside of any call into them.
    struct Sweep final : Timer {
        explicit Sweep(DurableSessions& whose) noexcept : sessions(whose) {}
        void expired(TimePoint) noexcept override { sessions.ended_.clear(); }
        DurableSessions& sessions;
    };

    void committed(std::uint64_t position) noexcept override;
    void carry_out(const Wait& wait) noexcept;
    void wait(Wait what) noexcept;
    std::uint64_t written() const noexcept;

    // For DurableSession.
    Core& core() const noexcept { return core_; }
    Journal& journal() const noexcept;
    Owner& owner() const noexcept { return owner_; }
    std::uint32_t hold(const EnvelopePtr& envelope);
    void forget(std::uint32_t message) noexcept;
    void write(const DurableSession& session, const DurableQueue::Entry& entry);
    void reserve(DurableSession& session, std::uint64_t sequence) noexcept;
    void spent(const DurableSession& session, const DurableQueue::Entry& entry) noexcept;
    void subscribed(const DurableSession& session, const SubscribeRequest& request);
    void unsubscribed(const DurableSession& session, const TopicFilter& filter);
    bool full(const DurableSession& session, std::size_t bytes) const noexcept;
    void queue_changed(const DurableSession& session) noexcept;
    void lost(DurableSession& session, const EnvelopePtr& envelope, Loss loss) noexcept;
    void pump_when_durable(DurableSession& session, std::uint64_t position) noexcept;
    void release_when_durable(DurableSession& session, std::uint64_t sequence) noexcept;
    void due(DurableSession& session, TimePoint now) noexcept;

    void count_messages(std::size_t count_before, std::size_t bytes_before) noexcept;
    /// TimePoint::max() where that is for ever.
    static TimePoint after(TimePoint now, Duration time) noexcept { return time > max_duration ? TimePoint::max() : now + time; }
    void arm(DurableSession& session) noexcept;
    void write(DurableSession& session) noexcept;
    std::uint32_t hold_restored(std::uint64_t number, const EnvelopePtr& envelope);
    DurableQueue::Entry entry_of(StoredSessions::Entry& stored, const StoredSessions::Messages& messages);
    Ref<const SharedGroup> restored_group(TenantId tenant, const std::string& filter);
    void fire_will(DurableSession& session) noexcept;
    DurableSession* find(SessionId id) const noexcept;

    Core& core_;
    Owner& owner_;
    KeptMessages messages_;
    SessionJournal records_{core_};
    std::unordered_map<std::uint64_t, std::uint32_t> restored_;  ///< messages by the number they had, while sessions are restored
    Ref<const SharedGroup> restored_group_;                      ///< the latest, likewise: many follow each other
    std::vector<DurableSession*> by_wire_;                  ///< by the connection's slot
    std::vector<std::unique_ptr<DurableSession>> by_slot_;  ///< by its own
    std::vector<std::unique_ptr<DurableSession>> ended_;
    Ring<Wait> waits_;  ///< positions ascend
    std::size_t count_ = 0;
    Sweep sweep_{*this};
};

}  // namespace junctor
