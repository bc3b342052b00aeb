#pragma once

#include <deque>
#include <map>
#include <memory>

#include "core/ports/backend.hpp"
#include "core/ports/gate.hpp"
#include "core/ports/mailbox.hpp"
#include "core/routing/addressed.hpp"
#include "core/routing/announcements.hpp"
#include "core/routing/fan_out.hpp"
#include "core/routing/history_reads.hpp"
#include "core/routing/match_cache.hpp"
#include "core/routing/receive_rule.hpp"
#include "core/routing/requests.hpp"
#include "core/routing/retained_journal.hpp"
#include "core/routing/retained_store.hpp"
#include "core/routing/subscribe_flow.hpp"
#include "core/runtime/core.hpp"
#include "core/runtime/timer_wheel.hpp"
#include "core/session/session_table.hpp"

namespace junctor {

/// Routing on one core: what is published here goes through the backend to this core's subscribers, to the other cores that want
/// it and into every core's retained replica. Only policy/ calls it for sessions; it decides nothing about rights itself.
///
/// A session may publish, subscribe, close itself or others from within any call it gets; what it publishes then is handed on
/// after the present message has reached everybody, so that all see the same order.
class Router final : public BackendSink, public MailReceiver, private Addressed::Settler, private Commits::Settler, private SharedGroups::Owner {
public:
    /// `gateway` goes into message ids. The backend lives on every core (`BackendTraits::on_every_core`), a remote one by a `BackendLink`.
    Router(Core& core, std::unique_ptr<Backend> backend, ReceiveRule& rule, std::uint32_t gateway = 0);
    ~Router();

    /// `origin`: on whose behalf, where that is another session than the one that hears how it ended.
    void publish(Session& from, Draft&& draft, Token token, SessionId origin = {}) noexcept;
    void request(Session& from, Draft&& draft, Duration timeout, Token token) noexcept;
    /// `codes`: one per request; those that are not Errc::ok have been refused already and stay as they are.
    /// `reason`: why those were refused whose code is not Errc::ok, for people.
    void subscribe(Session& by, std::span<const SubscribeRequest> requests, std::vector<Errc> codes, Token token, std::string reason = {}) noexcept;
    void unsubscribe(Session& by, std::span<const TopicFilter> filters, Token token) noexcept;
    void retained(const TopicFilter& filter, const std::function<bool(const EnvelopePtr&)>& each) const noexcept;

    /// Reads a part of a history; `Session::history_read` follows.
    void read_history(Session& by, const HistoryQuestion& question, Token token) noexcept;
    /// The session takes more of what its subscriptions begin with.
    void ready(Session& session) noexcept;

    /// As Histories::adopt; on every core, all with the same rules.
    void keep_histories(HistoryRulesPtr rules, StoredHistories* stored = nullptr);
    /// What the store held, before anybody is let in; on every core the same.
    void restore_retained(const std::vector<EnvelopePtr>& values);

    /// What the rule has kept back until now (`ReceiveRule::sift`), all of it in one step.
    void give(const std::function<void(FanOut&)>& deliver) noexcept;
    /// What it kept back and the session is not to have: other members of the group get it.
    void give_back(const std::vector<HandedBack>& messages) noexcept { groups_.give_back(messages); }
    /// The same of a `send`: another one of those who match. Its publisher has heard that somebody has it.
    void send_again(const EnvelopePtr& envelope) noexcept;

    /// The session enters the table, or leaves it with everything it holds.
    void open(Session& session, Naming naming = Naming::by_name) noexcept;
    void close(Session& session) noexcept;

    /// What the session is subscribed to; shared ones with their group.
    std::vector<TopicFilter> filters_of(const Session& session) const;
    /// How many filters it holds, those that still wait included.
    std::size_t filters_held(const Session& session) const noexcept { return flow_.held(session); }
    /// Does any subscribe or unsubscribe still wait?
    bool subscribing() const noexcept { return flow_.busy(); }

    /// Is anybody on this gateway subscribed below the first level `level`?
    bool wanted(TenantId tenant, std::string_view level) const noexcept { return trie_.any_under(tenant, level); }
    /// A message of the gateway itself; stays in this gateway.
    void publish_event(const Topic& topic, Bytes payload, std::unique_ptr<Extras> extras = {}, bool retain = false) noexcept;

    /// Verdicts have changed: who may receive what is asked anew.
    void forget_matches() noexcept { matches_.forget_all(); }

    /// What another gateway tells under a name. `kept`: to be called once it would survive a crash here, on this core.
    using Heard = std::function<void(std::string_view gateway, Bytes words, std::function<void()> kept)>;
    void hear_gateways(std::string what, Heard heard) { heard_.insert_or_assign(std::move(what), std::move(heard)); }
    /// Tells it to all gateways that a remote backend joins, when that is there. Nothing where there is none.
    void tell_gateways(Announcements::Announcement announcement);

    /// A named session has been opened: other gateways close theirs of that name, when the backend is there.
    void announce(const Session& session) noexcept;
    void announced(SessionId id, Errc code) noexcept;

    // BackendSink
    Delivered deliver(const EnvelopePtr& envelope) noexcept override;
    void arrived(Arrival&& arrival) noexcept override;
    void taken(std::span<const BackendReceipt> receipts) noexcept override;
    void subscribed(const TopicFilter& filter, std::string_view group, Errc code) noexcept override;
    void available(bool yes) noexcept override;
    void retained_are(const TopicFilter& filter, const std::set<std::string, std::less<>>& topics) noexcept override;
    HistoryRulesPtr history_rules() const noexcept override { return histories_.shared_rules(); }
    void history_broken() noexcept override { tell_histories(false); }
    void past_told() noexcept override { tell_histories(true); }

    // MailReceiver
    void receive(Mail&& mail) noexcept override;

    const RetainedStore& retained_store() const noexcept { return retained_; }
    const MatchCache& match_cache() const noexcept { return matches_; }
    bool available() const noexcept { return available_; }
    /// A backend elsewhere takes what is published, and gives it back.
    bool remote() const noexcept { return !scope_.empty(); }
    const Histories& histories() const noexcept { return histories_; }

private:
    /// While one stands, publishes wait; the last one to go hands them on.
    class Turn {
    public:
        explicit Turn(Router& router) noexcept : router_(router) { router_.fan_out_.begin(); }
        ~Turn();

    private:
        Router& router_;
    };

    /// Takes expired values out of the replica, some every second, while there are any that may expire.
    struct Sweep final : Timer {
        explicit Sweep(Router& whose) noexcept : router(whose) {}
        void expired(TimePoint now) noexcept override { router.sweep_retained(now); }
        Router& router;
    };

    /// Whose receipts are those of what the backend brought: no session has this id.
    static constexpr SessionId arrival_session = SessionId::make({0}, 1, 0);
    /// Likewise: of what this gateway tells the others; the token is the session that it tells of.
    static constexpr SessionId announcing_session = SessionId::make({0}, 2, 0);
    /// Likewise: of what is passed on to other gateways' members of a group.
    static constexpr SessionId passing_session = SessionId::make({0}, 3, 0);
    /// Likewise: of what is told by `tell_gateways`.
    static constexpr SessionId telling_session = SessionId::make({0}, 4, 0);

    struct Deferred {
        EnvelopePtr envelope;
        BackendTicket ticket;
        bool exactly_once;
    };

    EnvelopePtr make(const Session* from, Draft&& draft, SessionId on_behalf = {}) noexcept;
    void submit(EnvelopePtr envelope, BackendTicket ticket, bool exactly_once = false) noexcept;
    void dispatch(const Deferred& message) noexcept;
    bool has_to_be_refused(const Envelope& envelope) noexcept;
    std::string_view why(Errc code) const noexcept;
    void run_deferred() noexcept;
    void settle(BackendTicket ticket, Errc code, std::uint32_t matches) noexcept override { commits_.settle(ticket, code, matches); }
    void settle_when_stored(BackendTicket ticket) noexcept override;
    void post_when_stored(CoreId to, Mail&& mail) noexcept override { commits_.post_when_stored(to, std::move(mail)); }
    void settle_now(BackendTicket ticket, Errc code, std::uint32_t matches) noexcept override;
    bool forward(const EnvelopePtr& envelope, BackendTicket ticket) noexcept override;

    std::uint32_t spread(const MatchEntry& entry, const EnvelopePtr& envelope, CommitNeed& need) noexcept;
    Delivered deliver_unkept(const EnvelopePtr& envelope) noexcept;
    Delivered hand_on(const MatchEntry& entry, const EnvelopePtr& envelope) noexcept;
    Delivered send_to_history(const MatchEntry& entry, const EnvelopePtr& envelope) noexcept;
    void keep_in_history(const Mail& mail) noexcept;
    void past_arrived(Arrival&& arrival) noexcept;
    void receive_past(const Mail& mail) noexcept;
    void tell_histories(bool all_told) noexcept;
    CommitNeed plan_storing(const MatchEntry& entry, const Envelope& envelope);
    /// The keepers, and this core.
    std::uint16_t joint_parts() const noexcept { return static_cast<std::uint16_t>(keepers_.size() + 1); }
    void add_keeper(CoreId core, CommitNeed& need);
    void receive_message(const Mail& mail) noexcept;
    void receive_retained(const Mail& mail) noexcept;
    void receive_stored(std::uint64_t number) noexcept;
    std::uint32_t deliver_here(const MatchEntry& entry, const EnvelopePtr& envelope, CommitNeed& need) noexcept;
    bool by_group_apart(const Envelope& envelope) const noexcept;
    bool take_own_hop(Draft& draft, bool keep) const;
    bool stands(const Envelope& envelope) const noexcept;
    void arrived_for_group(const TopicFilter& group, const EnvelopePtr& envelope, BackendTicket ticket) noexcept;
    void receive_arrival(const Mail& mail) noexcept;
    void nobody_takes(const TopicFilter& group, const EnvelopePtr& envelope, CommitNeed& need) noexcept override;
    void passed_on(Token number, Errc code, std::uint32_t matches) noexcept;
    void send(const Announcements::Announcement& announcement) noexcept;
    void told(const Draft& draft, BackendTicket ticket) noexcept;
    void opened_elsewhere(std::string_view where, TenantId tenant) noexcept;
    void evict(TenantId tenant, std::string_view principal, std::string_view name) noexcept;
    /// False when a later write stands already.
    bool keep_retained(const EnvelopePtr& envelope) noexcept;
    void pass_over_shown(const MatchEntry& entry, const Envelope& rival) noexcept;
    bool apply_retained(const EnvelopePtr& envelope);
    void sweep_retained(TimePoint now) noexcept;
    void post_message(Mail::What what, CoreId to, const EnvelopePtr& envelope, CommitNeed& need) noexcept;
    void tell_replicas(const EnvelopePtr& envelope, const std::vector<CoreId>& told, CommitNeed& need) noexcept;
    void receive_interest(const Mail& mail) noexcept;
    void receive_confirmation(const Mail& mail) noexcept;
    void drop_interest(const Mail& mail) noexcept;

    Core& core_;
    std::unique_ptr<Backend> backend_;
    MailReceiver* backend_mail_;  ///< of the backend's parts on other cores; null: it has none
    const std::string scope_;     ///< this gateway among those that a remote backend joins; empty: there is none
    const bool groups_apart_;     ///< what is for a group comes from the backend by itself
    ReceiveRule& rule_;
    std::uint32_t gateway_;
    std::uint64_t messages_ = 0;
    TimePoint retained_clock_{};  ///< hybrid: never behind a retained write seen here
    bool available_ = true;
    Announcements announcements_{core_, [this](const Announcements::Announcement& next) { send(next); }};
    std::map<std::string, Heard, std::less<>> heard_;
    std::vector<SessionId> unannounced_;  ///< named sessions that were opened while the backend was away
    bool running_deferred_ = false;
    bool histories_begun_ = false;

    TopicTrie trie_;
    SubscriptionTable subscriptions_{trie_};
    FanOut fan_out_;
    Commits commits_;
    SharedGroups groups_;
    Histories histories_;
    HistoryReads history_reads_;
    Matcher matcher_;
    MatchCache matches_{matcher_};
    RetainedStore retained_;
    RetainedJournal retained_journal_;
    Replayed replayed_;
    Requests requests_;
    Addressed addressed_;
    SubscribeFlow flow_;
    std::deque<Deferred> deferred_;
    bool exactly_once_ = false;     ///< the message on its way through `deliver` comes with an id that is stored with it
    std::vector<CoreId> keepers_;   ///< other cores that are to store it, ascending
    Sweep sweep_{*this};
};

}  // namespace junctor
