// Messages on their way to this core's subscribers, and the mail between cores.

#include <algorithm>

#include "core/routing/router.hpp"
#include "core/routing/routing_metrics.hpp"

namespace junctor {
namespace {

constexpr Duration sweep_interval = std::chrono::seconds(1);
constexpr std::size_t values_per_sweep = 4'096;

}  // namespace

Delivered Router::deliver(const EnvelopePtr& envelope) noexcept {
    const Turn turn(*this);
    const MatchEntry& entry = matches_.find(envelope->topic(), envelope->qos());
    if (entry.history != 0) [[unlikely]] {
        if (!histories_.leads(entry.history)) return send_to_history(entry, envelope);
        histories_.keep(entry.history, envelope);
    }
    return hand_on(entry, envelope);
}

/// To everybody but histories: it stands there, or is nothing that was published now.
Delivered Router::deliver_unkept(const EnvelopePtr& envelope) noexcept {
    const Turn turn(*this);
    return hand_on(matches_.find(envelope->topic(), envelope->qos()), envelope);
}

Delivered Router::hand_on(const MatchEntry& entry, const EnvelopePtr& envelope) noexcept {
    CommitNeed need = plan_storing(entry, *envelope);
    const std::uint32_t matches = spread(entry, envelope, need);
    return {matches, need.number == 0 ? 0 : commits_.begin(need)};
}

/// To whoever wants it, here and on other cores. Returns how many that are, as far as it is known here.
std::uint32_t Router::spread(const MatchEntry& entry, const EnvelopePtr& envelope, CommitNeed& need) noexcept {
    for (const CoreId core : entry.cores) post_message(Mail::What::message, core, envelope, need);
    if (envelope->retain()) {
        tell_replicas(envelope, entry.cores, need);
        keep_retained(envelope);
    }
    return static_cast<std::uint32_t>(entry.cores.size()) + deliver_here(entry, envelope, need);
}

/// Who has to store the message before its publisher hears of it (DESIGN 5.6). Nothing is waited for with QoS 0.
CommitNeed Router::plan_storing(const MatchEntry& entry, const Envelope& envelope) {
    CommitNeed need;
    keepers_.clear();
    if (envelope.qos() == Qos::at_most_once || !commits_.stores()) return need;
    keepers_ = entry.durable_cores;
    need.joint = exactly_once_;
    need.here = entry.durable_here || exactly_once_ || histories_.leads(entry.history);
    if (envelope.retain() && !remote()) add_keeper(retained_journal_.keeper_of(envelope.topic()), need);
    if (!need.here && keepers_.empty()) return need;
    need.number = commits_.new_number();
    if (need.joint && !keepers_.empty()) commits_.join({commits_.transaction(need.number), joint_parts()});
    return need;
}

void Router::add_keeper(CoreId core, CommitNeed& need) {
    if (core == core_.id()) {
        need.here = true;
        return;
    }
    const auto at = std::lower_bound(keepers_.begin(), keepers_.end(), core);
    if (at == keepers_.end() || *at != core) keepers_.insert(at, core);
}

/// To this core's own and to the groups whose home it is. Returns how many match.
std::uint32_t Router::deliver_here(const MatchEntry& entry, const EnvelopePtr& envelope, CommitNeed& need) noexcept {
    if (!entry.destinations.empty()) fan_out_.deliver(entry, envelope);
    if (entry.groups.empty() || by_group_apart(*envelope)) return static_cast<std::uint32_t>(entry.destinations.size());
    for (const NodeId group : entry.groups) groups_.deliver(group, envelope, need);
    return static_cast<std::uint32_t>(entry.destinations.size() + entry.groups.size());
}

/// Every replica gets every retained write, wanted there or not.
void Router::tell_replicas(const EnvelopePtr& envelope, const std::vector<CoreId>& told, CommitNeed& need) noexcept {
    for (std::uint16_t other = 0; other < core_.count(); ++other) {
        const CoreId core{other};
        if (core == core_.id() || std::binary_search(told.begin(), told.end(), core)) continue;
        post_message(Mail::What::retain, core, envelope, need);
    }
}

void Router::post_message(Mail::What what, CoreId to, const EnvelopePtr& envelope, CommitNeed& need) noexcept {
    Mail mail;
    mail.what = what;
    mail.from = core_.id();
    mail.envelope = envelope;
    if (!keepers_.empty() && std::binary_search(keepers_.begin(), keepers_.end(), to)) {
        mail.token = {need.number};
        ++need.missing;
        if (need.joint) {
            mail.transaction = commits_.transaction(need.number);
            mail.parts = joint_parts();
        }
    }
    core_.mailbox().post(to, std::move(mail));
}

void Router::give(const std::function<void(FanOut&)>& deliver) noexcept {
    const Turn turn(*this);
    deliver(fan_out_);
}

void Router::send_again(const EnvelopePtr& envelope) noexcept { submit(envelope, {}); }

bool Router::keep_retained(const EnvelopePtr& envelope) noexcept {
    const bool stands = apply_retained(envelope);
    if (stands && !remote()) retained_journal_.write(*envelope);
    return stands;
}

/// The value lost a race: those who were shown the winner when they subscribed do not get it. Another subscription that covers the
/// topic may be older, and have a right to it.
void Router::pass_over_shown(const MatchEntry& entry, const Envelope& rival) noexcept {
    if (replayed_.empty()) return;
    std::vector<NodeId> nodes;
    trie_.match(rival.topic(), nodes);
    for (const Destination& each : entry.destinations) {
        const SessionId id = each.session->id();
        const auto covers = [&](NodeId node) { return !trie_.shared(node) && subscriptions_.holds(id.slot(), node); };
        if (replayed_.later_than(rival, id) && std::ranges::count_if(nodes, covers) == 1) fan_out_.pass_over(*each.session);
    }
}

bool Router::apply_retained(const EnvelopePtr& envelope) {
    retained_clock_ = std::max(retained_clock_, envelope->published_at());
    const auto before = static_cast<std::int64_t>(retained_.size());
    const bool stands = retained_.apply(envelope);
    core_.metrics().add(routing_metrics().retained, static_cast<std::int64_t>(retained_.size()) - before);
    if (retained_.expiring() && !sweep_.armed()) core_.timers().arm(sweep_, core_.now() + sweep_interval);
    return stands;
}

/// A remote backend keeps its own.
void Router::restore_retained(const std::vector<EnvelopePtr>& values) {
    if (remote()) return;
    for (const EnvelopePtr& each : values)
        each->expired(core_.now()) ? retained_journal_.erase(each->topic()) : static_cast<void>(apply_retained(each));
}

void Router::sweep_retained(TimePoint now) noexcept {
    const auto erase = [this](const Envelope& value) { retained_journal_.erase(value.topic()); };
    const std::size_t gone = retained_.sweep(now, values_per_sweep, erase);
    core_.metrics().add(routing_metrics().retained, -static_cast<std::int64_t>(gone));
    if (retained_.expiring()) core_.timers().arm(sweep_, now + sweep_interval);
}

void Router::receive_message(const Mail& mail) noexcept {
    const EnvelopePtr& envelope = mail.envelope;
    CommitNeed need;
    need.joint = mail.parts != 0;
    if (mail.token.value != 0) {
        need.number = commits_.new_number();
        need.here = true;
    }
    if (need.joint) commits_.join({mail.transaction, mail.parts});
    const bool stands = !envelope->retain() || keep_retained(envelope);
    if (envelope->expired(core_.now())) {
        core_.metrics().add(routing_metrics().dropped_expired);
    } else {
        const MatchEntry& entry = matches_.find(envelope->topic(), envelope->qos());
        if (!stands) pass_over_shown(entry, *envelope);
        deliver_here(entry, envelope, need);
    }
    commits_.answer(mail.from, mail.token, need);
}

void Router::receive_retained(const Mail& mail) noexcept {
    keep_retained(mail.envelope);
    if (mail.parts != 0) commits_.join({mail.transaction, mail.parts});
    CommitNeed need;
    need.here = true;
    commits_.answer(mail.from, mail.token, need);
}

void Router::receive_stored(std::uint64_t number) noexcept {
    if (!groups_.has_taken(number)) commits_.stored(number);
}

void Router::receive(Mail&& mail) noexcept {
    if (rule_.changed()) matches_.forget_all();
    const Turn turn(*this);
    switch (mail.what) {
    case Mail::What::message: return receive_message(mail);
    case Mail::What::retain: return receive_retained(mail);
    case Mail::What::stored: return receive_stored(mail.token.value);
    case Mail::What::keep: return keep_in_history(mail);
    case Mail::What::past: return receive_past(mail);
    case Mail::What::history_asked: return history_reads_.receive_question(std::move(mail));
    case Mail::What::history_read: return history_reads_.receive_page(std::move(mail));
    case Mail::What::send: return addressed_.receive_send(std::move(mail));
    case Mail::What::direct: return addressed_.receive_direct(std::move(mail));
    case Mail::What::settle: return addressed_.receive_settle(std::move(mail));
    case Mail::What::interest: return receive_interest(mail);
    case Mail::What::no_interest: return drop_interest(mail);
    case Mail::What::interested: return receive_confirmation(mail);
    case Mail::What::group_message: return groups_.receive_message(std::move(mail));
    case Mail::What::group_refused: return groups_.receive_refused(std::move(mail));
    case Mail::What::group_back: return groups_.receive_back(std::move(mail));
    case Mail::What::group_count: return groups_.receive_count(mail);
    case Mail::What::group_arrival: return receive_arrival(mail);
    case Mail::What::evict: return evict(mail.tenant, *mail.other, *mail.text);
    case Mail::What::backend_publish:
    case Mail::What::backend_pass_on:
    case Mail::What::backend_taken:
    case Mail::What::backend_interest:
    case Mail::What::backend_no_interest:
    case Mail::What::backend_confirmed:
    case Mail::What::backend_recall:
    case Mail::What::backend_state: return backend_mail_->receive(std::move(mail));
    case Mail::What::call: return (*mail.task)(core_);
    }
}

void Router::receive_interest(const Mail& mail) noexcept {
    const TopicFilter filter = TopicFilter::trusted(mail.tenant, *mail.text);
    const NodeId node = trie_.add(filter);
    matches_.forget(filter);
    if (groups_.home_here(filter)) return flow_.group_interest().joined(mail.from, node, filter, mail.durable, mail.token);
    subscriptions_.set_core(mail.from, node, mail.durable);
    Mail answer;
    answer.what = Mail::What::interested;
    answer.from = core_.id();
    answer.token = mail.token;
    core_.mailbox().post(mail.from, std::move(answer));
}

void Router::receive_confirmation(const Mail& mail) noexcept {
    const auto node = static_cast<NodeId>(mail.token.value);
    if (mail.group != 0) groups_.set_number(node, mail.group);
    flow_.interest().core_answered(node, mail.code);
}

void Router::drop_interest(const Mail& mail) noexcept {
    const TopicFilter filter = TopicFilter::trusted(mail.tenant, *mail.text);
    const NodeId node = trie_.find(filter);
    if (node == 0) return;
    matches_.forget(filter);
    if (groups_.home_here(filter)) return flow_.group_interest().left(mail.from, node);
    if (subscriptions_.remove_core(mail.from, node)) trie_.prune(node);
}

}  // namespace junctor
