#pragma once

#include <unordered_map>

#include "core/observe/message_log.hpp"
#include "core/ports/gate.hpp"
#include "core/routing/router.hpp"
#include "core/session/durable_sessions.hpp"
#include "core/store/durable_calls.hpp"
#include "policy/judge.hpp"
#include "policy/last_words.hpp"
#include "policy/presence.hpp"
#include "policy/rejudgement.hpp"
#include "policy/revocation_sweep.hpp"
#include "policy/revocations.hpp"
#include "policy/undecided.hpp"
#include "policy/vouched_sessions.hpp"
#include "policy/withheld.hpp"

namespace junctor {

/// The gate of one core, and the router behind it: the policy decides, the router routes. Making one wires the core: its gate is
/// this, its mail goes to the router.
class PolicyGate final : public Gate,
                         private ReceiveRule,
                         private DurableSessions::Owner,
                         private Undecided::Owner,
                         private Withheld::Owner,
                         private LastWords::Owner {
public:
    /// `backend` is this core's own (`BackendTraits::on_every_core`); `gateway` goes into message ids.
    PolicyGate(Core& core, std::unique_ptr<Backend> backend, PolicyPtr policy, std::uint32_t gateway = 0);
    PolicyGate(const PolicyGate&) = delete;
    PolicyGate& operator=(const PolicyGate&) = delete;

    std::unique_ptr<Authentication> authenticate(Credentials credentials, AuthenticationDone done) override;
    void ask(PrincipalRef who, Verb verb, std::string_view object, std::function<void(Verdict)> done) override;
    std::unique_ptr<VerdictWait> when_known(Session& who, Verb verb, std::string_view object, std::function<void()> then) override;
    Result<Opened> open(Session& session, const SessionTerms& terms) noexcept override;
    Result<void> renew(Session& session, PrincipalRef principal) noexcept override;
    void change_expiry(Session& session, Duration expiry) noexcept override;
    void close(Session& session, CloseReason reason) noexcept override;
    Result<void> set_will(Session& session, std::unique_ptr<Will> will) noexcept override;
    void ready(Session& session) noexcept override;
    void acknowledge(Session& by, std::uint64_t sequence, Progress progress) noexcept override;
    void release(Session& by, std::uint16_t exactly_once_id, Token token) noexcept override;
    void publish(Session& from, Draft&& draft, Token token) noexcept override;
    void request(Session& from, Draft&& draft, Duration timeout, Token token) noexcept override;
    void subscribe(Session& by, std::span<const SubscribeRequest> requests, Token token) noexcept override;
    void unsubscribe(Session& by, std::span<const TopicFilter> filters, Token token) noexcept override;
    void history(Session& by, const HistoryQuestion& question, Token token) noexcept override;
    Result<std::size_t> retained(Session& by, const TopicFilter& filter, std::size_t most,
                                 const std::function<void(const EnvelopePtr&)>& each) noexcept override;

    /// New rules, from now on; what was allowed under the old ones is asked anew.
    void adopt(PolicyPtr policy) noexcept;
    /// Who has which part of the gateway, over all cores. Before anybody comes in.
    void share(std::shared_ptr<Quotas> quotas) noexcept;
    /// What administrators have taken back, over all cores and policies. Before anybody comes in.
    void share(std::shared_ptr<Revocations> revocations) noexcept { revocations_ = std::move(revocations); }
    /// How the sessions of all cores end, this one's included, by `end_revoked`. Before anybody comes in.
    void end_everywhere_by(std::function<void(const std::optional<RevocationSweep::Whom>&)> end) { end_everywhere_ = std::move(end); }
    /// From now on nobody comes in by that, here and at every gateway that the backend joins, and whoever is in ends. `kept` is called when it will survive
    /// a crash here, where it was taken. quota_exceeded: too many stand; overloaded: the store takes nothing.
    Result<void> revoke(const Principal& by, Revocation revocation, std::function<void()> kept) noexcept;
    /// What the store holds of them; those that are over leave it, the others are told to all gateways once more. On one core, for all.
    void restore(std::vector<Revocation> revocations);
    /// Ends, within a second, the sessions of this core that are revoked, and all of `whom`.
    void end_revoked(const std::optional<RevocationSweep::Whom>& whom) { sweep_.begin(whom); }
    /// Ends that session, or the connection of a durable one.
    void end(const Principal& by, Session& session) noexcept;
    /// Nothing for one that there is not.
    std::optional<TenantId> tenant(std::string_view name) const { return judge_.policy()->tenants->find(name); }
    /// The rules may have changed: then what is remembered of them is forgotten, and what they do not allow any more ends.
    void refresh() noexcept;
    /// How a verdict on an open session comes about, and what it has of its quotas. Counts nothing.
    Explanation explain(const Session& session, Verb verb, std::string_view object);
    /// The same when those who decide elsewhere have been asked, perhaps before this returns; null where the session has gone meanwhile.
    void explain_when_known(const Session& session, Verb verb, std::string_view object, std::function<void(const Session*, const Explanation&)> done);
    /// What the store holds for this core comes back, before anybody is let in. Mail to other cores tells them what it wants.
    void restore(StoredSessions& stored);
    /// This gateway's name in hop paths. Before anybody is let in.
    void name_gateway(std::string name) { gateway_name_ = std::move(name); }
    /// From now on nobody new comes in: opening, subscribing and requesting end in Errc::shutting_down.
    void drain() noexcept { draining_ = true; }

    MessageLog& message_log() noexcept { return message_log_; }
    Router& router() noexcept { return router_; }
    const DurableSessions& durable_sessions() const noexcept { return durables_; }

private:
    struct Refusal {
        Errc code;
        std::string reason;
    };
    /// What is to become of a draft: with neither it may go on.
    struct Checked {
        std::optional<Refusal> refusal;
        std::vector<Unknown> unknown;  ///< to be asked first
    };
    class Known;

    // ReceiveRule
    bool may_receive(const Session& session, const Topic& topic) noexcept override;
    bool may_replay(const Session& session, const Envelope& value) noexcept override;
    /// Of the owner of durable sessions, too.
    bool sifts() const noexcept override { return judge_.judges_deliveries(); }
    Sifted sift(Session& to, const Delivery& delivery) noexcept override;
    bool keeps_back(const Session& session) const noexcept override { return withheld_.waits(session); }
    bool may_read(const Session& session, const Topic& topic) noexcept override;
    void when_readable(const Session& session, const std::vector<EnvelopePtr>& messages, std::function<void()> then) override;
    bool changed() noexcept override;
    std::optional<std::string> hinders_subscription(const Session& session, bool again) noexcept override;
    void subscription_ended(const Session& session) noexcept override;

    // DurableSessions::Owner
    std::optional<bool> may_have(DurableSession& session, const Topic& topic) noexcept override;
    void rewired(DurableSession&) noexcept override { router_.forget_matches(); }
    void will_due(DurableSession& session, std::unique_ptr<Will> will) noexcept override { publish_will(session, std::move(will)); }
    void ended(DurableSession& session) noexcept override;
    void expired(DurableSession& session) noexcept override { presence_.expired(session); }
    bool passes_on(DurableSession& session, const EnvelopePtr& envelope, const Ref<const SharedGroup>& group) noexcept override;
    void lost(DurableSession& session, const EnvelopePtr& envelope, Loss loss) noexcept override;
    bool over_share(const DurableSession& session, std::size_t bytes) noexcept override;
    void queued(const DurableSession& session, std::size_t bytes) noexcept override;

    Result<void> enter(const Session& newcomer);
    void abandon(const Session& newcomer) noexcept;
    void adopt_quota(const Session& session);
    void charge(Session& session);
    void leave_quota(const Session& session) noexcept;
    std::vector<QuotaUse> quotas_of(const Session& session);
    std::optional<Refusal> over_quota(const Session& from, const Draft& draft) noexcept;
    bool over_quota_refused(Session& from, const Draft& draft, Token token) noexcept;
    void count(const Quotas::Excess& excess) noexcept;
    // Withheld::Owner
    void hand_over(const std::function<void(FanOut&)>& deliver) noexcept override { router_.give(deliver); }
    void pass_on(std::vector<HandedBack> messages) noexcept override { router_.give_back(messages); }
    void send_again(const EnvelopePtr& envelope) noexcept override { router_.send_again(envelope); }
    void known(Session& session) noexcept override;
    void caught_up(Session& session) noexcept override { router_.ready(session); }

    // Undecided::Owner, LastWords::Owner
    void opened(Departed& departed) noexcept override { router_.open(departed, Naming::unnamed); }
    void ended(Departed& departed) noexcept override;
    void speak(LastWord& word) noexcept override { speak(word, word); }

    bool keep(Revocation& revocation, const Principal& by);
    void tell(const Revocation& revocation);
    void revoked_elsewhere(std::string_view gateway, Bytes words, std::function<void()> kept);
    bool revoked(const Principal& who) const noexcept { return revocations_->cover(who, core_.wall()); }
    std::size_t review(Session& session);
    bool review_later(Session& session, const std::vector<TopicFilter>& filters);
    void revoke(Session& session, std::span<const TopicFilter> filters);
    Result<void> admit(const Session& newcomer, const SessionTerms& terms) noexcept;
    Result<void> displace(const Session& newcomer, bool spares_kept) noexcept;
    DurableSession* resume(const Session& newcomer, bool clean_start) noexcept;
    Result<void> attach(Session& wire, DurableSession* kept, Duration expiry);
    DurableSession& open_restored(std::string name, std::string_view protocol, PrincipalRef principal);
    Result<void> judge_will(const Session& session, Will& will);
    std::unique_ptr<Will> take_will(const Session& session) noexcept;
    void publish_will(Session& from, std::unique_ptr<Will> will) noexcept;
    void speak(LastWord& word, Session& behind) noexcept;
    /// The draft may be changed.
    Checked check(const Session& from, Draft& draft, Verb verb);
    Checked check_reply_to(const Session& from, const Draft& draft);
    // Nothing where it is done, else what is to be asked first.
    std::vector<Unknown> try_publish(Session& from, Draft& draft, Token token) noexcept;
    std::vector<Unknown> try_will(LastWord& word) noexcept;
    std::optional<std::vector<Unknown>> hindrance(Session& from, Draft& draft, Token token) noexcept;
    std::vector<Unknown> try_request(Session& from, Draft& draft, Duration timeout, Token token) noexcept;
    std::vector<Unknown> try_subscribe(Session& by, std::span<const SubscribeRequest> requests, Token token) noexcept;
    std::vector<Unknown> try_history(Session& by, const HistoryQuestion& question, Token token) noexcept;
    void refuse_history(Session& by, Token token, Refusal refusal) noexcept;
    void do_unsubscribe(Session& by, std::span<const TopicFilter> filters, Token token) noexcept;
    void wait(Session& by, Undecided::Operation operation, Token token) noexcept;
    std::vector<Unknown> unknown_filters(const Session& by, std::span<const SubscribeRequest> requests);
    std::optional<Refusal> check_filter(const Session& by, const TopicFilter& filter);
    std::optional<Refusal> check_history(const Session& by, const TopicFilter& filter);
    bool goes_round(bool bridges, Draft& draft) noexcept;
    void refuse(Session& from, Token token, const Refusal& refusal) noexcept;
    void when_known(std::vector<KeptQuestion> questions, std::function<void()> then);
    void add_retained(const Session& who, std::string_view filter, std::vector<KeptQuestion>& unknown);
    void log_message(const Session& from, const Topic& topic, std::size_t bytes, Errc outcome) noexcept;

    Core& core_;
    Judge judge_;
    Router router_;
    Presence presence_;
    DurableSessions durables_{core_, *this};
    std::unordered_map<SessionId, std::unique_ptr<Will>> wills_;  ///< of live connections
    VouchedSessions vouched_{core_};
    std::shared_ptr<Quotas> quotas_ = std::make_shared<Quotas>();
    std::unordered_map<SessionId, Quotas::Shares> shares_;  ///< while there are limits, of each session that somebody has opened, and of durable ones
    std::optional<Quotas::Shares> entering_;                ///< of the session that is being opened
    Rejudgement rejudgement_;
    std::shared_ptr<Revocations> revocations_ = std::make_shared<Revocations>();
    DurableCalls kept_{core_.journal()};
    std::function<void(const std::optional<RevocationSweep::Whom>&)> end_everywhere_ = [this](const auto& whom) { end_revoked(whom); };
    RevocationSweep sweep_{core_, [this](const Principal& who) { return revoked(who); }};
    Undecided undecided_{core_, judge_, *this};
    Withheld withheld_{core_, judge_, *this};
    LastWords last_words_{core_, durables_.records(), *this};
    std::uint64_t last_caller_ = 0;
    std::unordered_map<std::uint64_t, std::unique_ptr<VerdictWait>> callers_;  ///< of `ask` and `when_readable`, who wait
    std::unordered_map<SessionId, std::unique_ptr<VerdictWait>> reviews_;  ///< of sessions about whom somebody elsewhere is asked again
    MessageLog message_log_;
    bool draining_ = false;
    std::string gateway_name_;
};

}  // namespace junctor
