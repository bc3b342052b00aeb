// What a remote backend brings, and what gateways tell each other through it.

#include <algorithm>
#include <utility>

#include "core/model/hop_path.hpp"
#include "core/ports/http.hpp"
#include "core/routing/router.hpp"
#include "core/routing/routing_metrics.hpp"

namespace junctor {
namespace {

/// Then follow what a gateway tells, its name, and more.
constexpr std::string_view backbone_prefix = "$backbone/";
constexpr std::string_view opened = "opened";

std::string_view hops_of(const Draft& draft) noexcept { return draft.extras ? std::string_view(draft.extras->hops) : std::string_view(); }

/// So often a message is passed on that nobody takes.
constexpr std::uint8_t most_passes = 8;

}  // namespace

/// The message itself may come back, and brings this gateway's name as its last hop, which goes again unless it is to be kept. False where it
/// has been here before that.
bool Router::take_own_hop(Draft& draft, bool keep) const {
    const std::string_view path = hops_of(draft);
    const bool own = last_hop(path) == scope_;
    if (crossed(own ? without_last_hop(path) : path, scope_)) return false;
    if (!own || keep) return true;
    draft.extras->hops.resize(without_last_hop(path).size());
    if (draft.extras->empty()) draft.extras.reset();
    return true;
}

void Router::arrived(Arrival&& arrival) noexcept {
    if (rule_.changed()) matches_.forget_all();
    const Turn turn(*this);
    if (arrival.past) return past_arrived(std::move(arrival));
    const BackendTicket ticket{arrival_session, arrival.receipt};
    if (!take_own_hop(arrival.draft, arrival.group != nullptr)) {
        core_.metrics().add(routing_metrics().dropped_looped);
        return settle(ticket, Errc::ok, 0);
    }
    if (arrival.draft.topic.text().starts_with(backbone_prefix)) return told(arrival.draft, ticket);
    exactly_once_ = false;
    const EnvelopePtr envelope = make(nullptr, std::move(arrival.draft), arrival.origin);
    if (envelope->topic().reserved()) return addressed_.direct(envelope, ticket);
    if (envelope->expired(core_.now())) {
        core_.metrics().add(routing_metrics().dropped_expired);
        return settle(ticket, Errc::expired, 0);
    }
    if (has_to_be_refused(*envelope)) return;  // the other side keeps it: it is not told otherwise
    if (arrival.group) return arrived_for_group(*arrival.group, envelope, ticket);
    if (arrival.replayed && stands(*envelope)) return settle(ticket, Errc::ok, 0);
    const Delivered delivered = arrival.replayed || arrival.told ? deliver_unkept(envelope) : deliver(envelope);
    commits_.settle(ticket, Errc::ok, delivered.matches, delivered.commit);
}

/// Is it the value that the replica holds already?
bool Router::stands(const Envelope& envelope) const noexcept {
    const EnvelopePtr value = retained_.value(envelope.topic());
    return value ? std::ranges::equal(value->payload(), envelope.payload()) : envelope.payload().empty();
}

/// What has gone while nobody here wanted it, goes here too: as a write, so that every replica hears of it in order.
void Router::retained_are(const TopicFilter& filter, const std::set<std::string, std::less<>>& topics) noexcept {
    std::vector<EnvelopePtr> gone;
    retained_.find(filter, core_.now(), [&](const EnvelopePtr& value) {
        if (!value->topic().reserved() && !topics.contains(value->topic_text())) gone.push_back(value);
        return true;
    });
    for (const EnvelopePtr& value : gone) {
        Draft clearing;
        clearing.topic = value->topic();
        clearing.retain = true;
        const EnvelopePtr envelope = make(nullptr, std::move(clearing));
        CommitNeed nobody_waits;
        keepers_.clear();
        tell_replicas(envelope, {}, nobody_waits);
        keep_retained(envelope);
    }
}

/// With a backend that knows groups, each group's copy comes by itself; the gateway's own messages do not cross it.
bool Router::by_group_apart(const Envelope& envelope) const noexcept { return groups_apart_ && envelope.kind() != Kind::event; }

void Router::arrived_for_group(const TopicFilter& group, const EnvelopePtr& envelope, BackendTicket ticket) noexcept {
    const CoreId home = core_.home_of(group.tenant(), group.canonical());
    CommitNeed need;
    if (envelope->qos() != Qos::at_most_once) need.number = commits_.new_number();
    if (home == core_.id()) {
        groups_.deliver(group, envelope, need);
    } else {
        Mail mail;
        mail.what = Mail::What::group_arrival;
        mail.from = core_.id();
        mail.tenant = group.tenant();
        mail.text = std::make_unique<std::string>(group.canonical());
        mail.envelope = envelope;
        mail.token = {need.number};
        if (need.number != 0) need.missing = 1;
        core_.mailbox().post(home, std::move(mail));
    }
    commits_.settle(ticket, Errc::ok, 1, need.number == 0 ? 0 : commits_.begin(need));
}

void Router::receive_arrival(const Mail& mail) noexcept {
    CommitNeed need;
    if (mail.token.value != 0) need.number = commits_.new_number();
    groups_.deliver(TopicFilter::trusted(mail.tenant, *mail.text), mail.envelope, need);
    commits_.answer(mail.from, mail.token, need);
}

/// A backend that knows groups chooses a gateway, not a member: the last one may be leaving, or may not have the message.
void Router::nobody_takes(const TopicFilter& group, const EnvelopePtr& envelope, CommitNeed& need) noexcept {
    const std::uint64_t number = need.number != 0 ? need.number : commits_.new_number();
    const bool goes_on = groups_apart_ && envelope->passes() < most_passes && backend_->pass_on(group, envelope, {passing_session, {number}});
    if (!goes_on) return core_.metrics().add(routing_metrics().undeliverable);
    core_.metrics().add(routing_metrics().passed_on);
    need.missing += need.number != 0;
}

void Router::passed_on(Token number, Errc code, std::uint32_t matches) noexcept {
    if (code != Errc::ok || matches == 0) core_.metrics().add(routing_metrics().undeliverable);
    commits_.stored(number.value);
}

bool Router::forward(const EnvelopePtr& envelope, BackendTicket ticket) noexcept {
    if (!remote() || ticket.session == arrival_session) return false;
    backend_->publish(envelope, ticket);
    return true;
}

/// Who has been opened meanwhile, and is still there, is announced now.
void Router::available(bool yes) noexcept {
    available_ = yes;
    announcements_.available(yes);
    if (!yes) return;
    for (const SessionId id : std::exchange(unannounced_, {}))
        if (const Session* const session = core_.sessions().find(id)) announce(*session);
}

void Router::announce(const Session& session) noexcept {
    if (!remote()) return;
    if (!available_) {
        if (unannounced_.size() == unannounced_.capacity()) std::erase_if(unannounced_, [&](SessionId id) { return !core_.sessions().find(id); });
        return unannounced_.push_back(session.id());
    }
    const std::string text = std::string(backbone_prefix).append(opened) + '/' + scope_ + '/' + percent_encode(session.principal()->name) + '/' +
                             percent_encode(session.name());
    const Result<Topic> topic = Topic::parse(session.principal()->tenant, text);
    if (!topic) return;
    Draft draft;
    draft.topic = *topic;
    draft.qos = std::min(Qos::at_least_once, backend_->traits().max_qos);
    backend_->publish(make(nullptr, std::move(draft)), {announcing_session, {session.id().value}});
}

/// The backend may have gone before that came there.
void Router::announced(SessionId id, Errc code) noexcept {
    if (code != Errc::unavailable) return;
    if (const Session* const session = core_.sessions().find(id)) announce(*session);
}

void Router::tell_gateways(Announcements::Announcement announcement) {
    if (remote()) announcements_.add(std::move(announcement));
}

void Router::send(const Announcements::Announcement& announcement) noexcept {
    const std::string text = std::string(backbone_prefix) + announcement.what + '/' + scope_;
    Draft draft;
    draft.topic = Topic::parse({}, text).value();
    draft.payload = announcement.words;
    draft.qos = std::min(Qos::at_least_once, backend_->traits().max_qos);
    draft.ttl = announcement.until - core_.now();
    backend_->publish(make(nullptr, std::move(draft)), {telling_session, {1}});
}

/// A gateway of another release may tell what nobody listens for here.
void Router::told(const Draft& draft, BackendTicket ticket) noexcept {
    const std::string_view text = draft.topic.text().substr(backbone_prefix.size());
    const std::string_view what = text.substr(0, text.find('/'));
    const std::string_view where = text.substr(std::min(what.size() + 1, text.size()));
    if (what == opened) opened_elsewhere(where, draft.topic.tenant());
    const auto listener = heard_.find(what);
    if (listener == heard_.end() || where == scope_) return settle(ticket, Errc::ok, 0);
    listener->second(where, draft.payload, [this, ticket] { settle(ticket, Errc::ok, 0); });
}

/// `where`: gateway, principal and name, the latter two percent-encoded.
void Router::opened_elsewhere(std::string_view where, TenantId tenant) noexcept {
    const std::size_t first = where.find('/');
    const std::size_t second = where.rfind('/');
    if (first == second || where.substr(0, first) == scope_) return;
    const auto principal = percent_decode(where.substr(first + 1, second - first - 1));
    const auto name = percent_decode(where.substr(second + 1));
    if (!principal || !name) return;
    const CoreId home = core_.home_of(tenant, *name);
    if (home == core_.id()) return evict(tenant, *principal, *name);
    Mail mail;
    mail.what = Mail::What::evict;
    mail.from = core_.id();
    mail.tenant = tenant;
    mail.text = std::make_unique<std::string>(*name);
    mail.other = std::make_unique<std::string>(*principal);
    core_.mailbox().post(home, std::move(mail));
}

/// What a durable session keeps stays here, for the client that comes back.
void Router::evict(TenantId tenant, std::string_view principal, std::string_view name) noexcept {
    Session* session = core_.sessions().find(tenant, name);
    if (session && session->principal()->name == principal) session->close(CloseReason::taken_over, "the session was opened at another gateway");
}

}  // namespace junctor
