#include "core/routing/router.hpp"

#include <algorithm>
#include <cassert>

#include "core/routing/routing_metrics.hpp"
#include "core/session/session_table.hpp"

namespace junctor {

Router::Router(Core& core, std::unique_ptr<Backend> backend, ReceiveRule& rule, std::uint32_t gateway)
    : core_(core),
      backend_(std::move(backend)),
      backend_mail_(backend_->mail()),
      scope_(backend_->scope()),
      groups_apart_(remote() && backend_->traits().shared_groups),
      rule_(rule),
      gateway_(gateway),
      fan_out_(core.metrics(), &rule),
      commits_(core, *this),
      groups_(core, trie_, fan_out_, rule, commits_, *this),
      histories_(core),
      history_reads_(core, histories_),
      matcher_(trie_, subscriptions_, groups_, core.sessions(), histories_, rule),
      retained_(core.count()),
      retained_journal_(core, [this](const Topic& topic) { return retained_.value(topic); }),
      requests_(core, scope_),
      addressed_(core, matches_, fan_out_, groups_, requests_, rule, *this),
      flow_({core, trie_, subscriptions_, matches_, retained_, fan_out_, groups_, *backend_, replayed_, rule, history_reads_}) {
    assert(backend_->traits().on_every_core);
    backend_->start(*this, {core_, {}, false, {}, {}});
}

Router::~Router() { backend_->stop(); }

Router::Turn::~Turn() {
    router_.fan_out_.end();
    router_.run_deferred();
}

void Router::open(Session& session, Naming naming) noexcept {
    core_.sessions().add(session, naming);
    if (!session.durable()) core_.metrics().add(routing_metrics().sessions, 1);
}

void Router::close(Session& session) noexcept {
    fan_out_.departed(session);
    requests_.forget(session.id());
    const std::vector<HandedBack> undone = session.hand_back();
    flow_.close(session);
    groups_.give_back(undone);
    core_.sessions().remove(session);
    if (!session.durable()) core_.metrics().add(routing_metrics().sessions, -1);
}

EnvelopePtr Router::make(const Session* from, Draft&& draft, SessionId on_behalf) noexcept {
    Envelope::Origin origin{{gateway_, core_.id(), ++messages_}, on_behalf, nullptr, core_.now()};
    if (from) {
        if (!on_behalf) origin.session = from->id();
        origin.publisher = from->principal();
    }
    if (draft.retain) {
        // Not the time at which this round began: whoever writes after another core has written must not seem to be earlier.
        core_.begin_round();
        origin.published_at = retained_clock_ = std::max(retained_clock_ + Duration(1), core_.now());
    }
    return Envelope::make(std::move(draft), std::move(origin));
}

void Router::publish(Session& from, Draft&& draft, Token token, SessionId origin) noexcept {
    core_.metrics().add(routing_metrics().received);
    const bool exactly_once = draft.exactly_once_id != 0;
    submit(make(&from, std::move(draft), origin), {from.id(), token}, exactly_once);
}

void Router::request(Session& from, Draft&& draft, Duration timeout, Token token) noexcept {
    core_.metrics().add(routing_metrics().received);
    if (!draft.extras) draft.extras = std::make_unique<Extras>();
    const Result<Requests::Begun> begun = requests_.begin(from, token, timeout, std::move(draft.extras->reply_to));
    if (!begun) return from.settled(token, {static_cast<Errc>(begun.error().value()), 0, {}, {}});
    draft.kind = Kind::request;
    draft.retain = false;
    draft.extras->reply_to = begun->address;
    submit(make(&from, std::move(draft)), {{}, begun->ticket});
}

std::vector<TopicFilter> Router::filters_of(const Session& session) const {
    std::vector<TopicFilter> filters;
    const std::uint32_t slot = session.id().slot();
    filters.reserve(subscriptions_.count(slot));
    subscriptions_.for_each_of(slot, [&](const SubscriptionTable::Subscription& each) { filters.push_back(trie_.filter(each.node)); });
    return filters;
}

void Router::publish_event(const Topic& topic, Bytes payload, std::unique_ptr<Extras> extras, bool retain) noexcept {
    Draft draft;
    draft.extras = std::move(extras);
    draft.topic = topic;
    draft.payload = payload;
    draft.retain = retain;
    draft.kind = Kind::event;
    submit(make(nullptr, std::move(draft)), {});
}

void Router::submit(EnvelopePtr envelope, BackendTicket ticket, bool exactly_once) noexcept {
    Deferred message{std::move(envelope), ticket, exactly_once};
    if (fan_out_.busy()) return deferred_.push_back(std::move(message));
    const Turn turn(*this);
    dispatch(message);
}

void Router::run_deferred() noexcept {
    if (fan_out_.busy() || running_deferred_) return;
    running_deferred_ = true;
    while (!deferred_.empty()) {
        const Deferred next = std::move(deferred_.front());
        deferred_.pop_front();
        const Turn turn(*this);
        dispatch(next);
    }
    running_deferred_ = false;
}

void Router::dispatch(const Deferred& message) noexcept {
    const EnvelopePtr& envelope = message.envelope;
    const BackendTicket ticket = message.ticket;
    exactly_once_ = message.exactly_once;
    if (envelope->kind() == Kind::event) {
        deliver(envelope);
    } else if (envelope->topic().reserved()) {
        addressed_.direct(envelope, ticket);
    } else if (envelope->expired(core_.now())) {
        core_.metrics().add(routing_metrics().dropped_expired);
        settle(ticket, Errc::expired, 0);
    } else if (!available_) {
        settle(ticket, Errc::unavailable, 0);
    } else if (has_to_be_refused(*envelope)) {
        settle(ticket, Errc::overloaded, 0);
    } else if (envelope->kind() == Kind::send) {
        addressed_.send(envelope, ticket);
    } else {
        backend_->publish(envelope, ticket);
    }
}

void Router::taken(std::span<const BackendReceipt> receipts) noexcept {
    const Turn turn(*this);
    for (const BackendReceipt& each : receipts) commits_.settle(each.ticket, each.code, each.matches, each.commit);
}

/// Nothing can be stored now, and somebody would have to store it. A retained value is part of what the publisher is told is safe,
/// whoever else could have the message. Neither is a group with a durable member asked for one that need not store: the acknowledgement
/// also says that a member who leaves with the message undone is not the end of it, and the next one may be the durable.
bool Router::has_to_be_refused(const Envelope& envelope) noexcept {
    if (envelope.qos() == Qos::at_most_once || commits_.accepts()) [[likely]]
        return false;
    return envelope.retain() || exactly_once_ || matches_.find(envelope.topic(), envelope.qos()).durable();
}

void Router::settle_when_stored(BackendTicket ticket) noexcept {
    CommitNeed need;
    need.number = commits_.new_number();
    need.here = true;
    commits_.settle(ticket, Errc::ok, 1, commits_.begin(need));
}

/// In words, where the code alone would have its receiver look in the wrong place.
std::string_view Router::why(Errc code) const noexcept {
    return code == Errc::overloaded && !commits_.accepts() ? Journal::refusal : std::string_view();
}

/// A ticket without a session is a request's.
void Router::settle_now(BackendTicket ticket, Errc code, std::uint32_t matches) noexcept {
    if (ticket.token.value == 0) return;
    if (!ticket.session) return requests_.handed_on(ticket.token, code, matches);
    if (Session* session = core_.sessions().find(ticket.session)) return session->settled(ticket.token, {code, matches, why(code), {}});
    if (ticket.session == arrival_session) return backend_->stored(ticket.token);
    if (ticket.session == passing_session) return passed_on(ticket.token, code, matches);
    if (ticket.session == telling_session) return announcements_.taken(code);
    if (ticket.session == announcing_session) announced({ticket.token.value}, code);
}

void Router::subscribe(Session& by, std::span<const SubscribeRequest> requests, std::vector<Errc> codes, Token token,
                       std::string reason) noexcept {
    const Turn turn(*this);
    flow_.subscribe(by, requests, std::move(codes), token, std::move(reason));
}

void Router::unsubscribe(Session& by, std::span<const TopicFilter> filters, Token token) noexcept {
    const Turn turn(*this);
    flow_.unsubscribe(by, filters, token);
}

void Router::subscribed(const TopicFilter& filter, std::string_view, Errc code) noexcept {
    const Turn turn(*this);
    flow_.interest().backend_answered(filter, code);
}

void Router::retained(const TopicFilter& filter, const std::function<bool(const EnvelopePtr&)>& each) const noexcept {
    retained_.find(filter, core_.now(), each);
}

}  // namespace junctor
