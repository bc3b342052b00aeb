#include "connectors/zeromq/subscribe_door.hpp"

#include <algorithm>
#include <utility>

#include "connectors/zeromq/dropped.hpp"
#include "connectors/zeromq/mapping.hpp"
#include "connectors/zeromq/prefix.hpp"
#include "core/ports/gate.hpp"

namespace junctor::zeromq {
namespace {

/// What all prefixes of all subscribers may take.
constexpr std::size_t max_prefix_bytes = 64 << 20;

/// What is remembered of refusals.
constexpr std::size_t most_refusals = 10'000;

// Subscribers send nothing but prefixes.
DoorSetup with_small_frames(DoorSetup setup) {
    setup.socket.largest_frame = max_topic_bytes + 64;
    return setup;
}

}  // namespace

SubscribeDoor::SubscribeDoor(DoorSetup setup) : Door(with_small_frames(std::move(setup)), Socket::Kind::publisher) {}

void SubscribeDoor::ended() noexcept {
    entering_.reset();
    retained_known_.clear();
    core().timers().cancel(replay_timer_);
    // What still waits goes to those who have room for it.
    socket().drop_for_full_peers(true);
    send_waiting();
    for (auto& each : std::exchange(subscribers_, {})) {
        if (std::exchange(each->open, false)) core().gate().close(*each, CloseReason::server_shutdown);
        lost_.push_back(std::move(each));
    }
}

void SubscribeDoor::connection_changed(const Socket::ConnectionEvent& event) noexcept {
    if (event.opened) {
        connections_[event.connection] = {nullptr, {}, setup().zap->named()};
        return;
    }
    const auto gone = connections_.extract(event.connection);
    if (!gone.empty() && gone.mapped().subscriber) leave(event.connection, *gone.mapped().subscriber);
}

/// One connection less is its; with the last it is over.
void SubscribeDoor::leave(int connection, Subscriber& subscriber) noexcept {
    for (const std::string& filter : subscriber.prefixes.remove(connection)) give_up(subscriber, filter);
    const bool others = std::ranges::any_of(connections_, [&](const auto& each) { return each.second.subscriber == &subscriber; });
    if (others) return;
    if (std::exchange(subscriber.open, false)) core().gate().close(subscriber, CloseReason::connection_lost);
    forget(subscriber);
}

/// It is over: nothing waits for it any more. It may be in the middle of a call.
void SubscribeDoor::forget(Subscriber& subscriber) noexcept {
    // Whoever is asked about it may be asked once more, about those who stay.
    retained_known_.clear();
    retained_unknown_ = 0;
    if (asked_ && asked_->subscriber == &subscriber) asked_.reset();
    if (entering_ && entering_->subscriber == &subscriber) entering_.reset();
    for (Shared& each : shared_) {
        std::erase(each.allowed, &subscriber);
        std::erase(each.awaited, &subscriber);
    }
    std::erase_if(newcomers_, [&](const Newcomer& each) { return each.subscriber == &subscriber; });
    for (auto& [number, connection] : connections_)
        if (connection.subscriber == &subscriber) connection.subscriber = nullptr;
    const auto found = std::ranges::find_if(subscribers_, [&](const auto& each) { return each.get() == &subscriber; });
    lost_.push_back(std::move(*found));
    subscribers_.erase(found);
    wake();
}

/// Nothing more reaches its sockets. They come back by themselves and are judged afresh.
void SubscribeDoor::cut(Subscriber& subscriber, CloseReason reason) noexcept {
    if (!std::exchange(subscriber.open, false)) return;
    core().gate().close(subscriber, reason);
    // What the connections still bring counts for nobody.
    const auto end_one = [&](const auto& each) {
        if (each.second.subscriber != &subscriber) return false;
        socket().end_connection(each.first);
        return true;
    };
    if (reason != CloseReason::server_shutdown) std::erase_if(connections_, end_one);
    forget(subscriber);
}

void SubscribeDoor::lose(Subscriber& subscriber, CloseReason reason) noexcept { cut(subscriber, reason); }

bool SubscribeDoor::ready() const noexcept {
    const bool asks = asked_ || entering_ || retained_unknown_ > 0 || !retained_known_.empty();
    return !asks && outbox_.empty() && std::ranges::all_of(shared_, [](const Shared& each) { return each.awaited.empty(); });
}

// XPUB hands over `1prefix` and `0prefix`; anything else is a message an XSUB sent upstream, which means nothing here. What libzmq takes
// back itself for a connection that has gone bears no connection: `connection_changed` has done it, or does it.
void SubscribeDoor::received() noexcept {
    send_shared();
    const Bytes frame = socket().parts().front();
    if (frame.empty() || frame.front() > 1) return count_dropped(core().metrics(), Errc::bad_request);
    const int connection = socket().connection();
    const auto stands = connections_.find(connection);
    // What bore the number before may have been the first word of one that had gone.
    if (stands == connections_.end() || connection_in(socket().user()) <= stands->second.after) return;
    Connection& here = stands->second;
    if (here.subscriber && here.name == socket().user()) return handle(*here.subscriber, connection, frame);
    PrincipalRef principal = sender();
    if (!principal) return count_dropped(core().metrics(), Errc::denied);
    here.subscriber = find(*principal);
    here.name = socket().user();
    if (here.subscriber) return handle(*here.subscriber, connection, frame);
    // libzmq knows no tenants: of several, whoever comes first has the door.
    const bool other_tenant = !subscribers_.empty() && subscribers_.front()->principal()->tenant != principal->tenant;
    if (other_tenant) return count_dropped(core().metrics(), Errc::denied);
    enter(connection, std::move(principal), frame);
}

Subscriber* SubscribeDoor::find(const Principal& principal) const noexcept {
    const auto found = std::ranges::find_if(subscribers_, [&](const auto& each) { return same_vouching(*each->principal(), principal); });
    return found == subscribers_.end() ? nullptr : found->get();
}

// The next frame is read when this one has been handled: libzmq admits for whom it has heard last.
void SubscribeDoor::enter(int connection, PrincipalRef principal, Bytes frame) noexcept {
    Subscriber& made = *subscribers_.emplace_back(std::make_unique<Subscriber>(*this, std::move(principal), ++last_number_));
    connections_[connection].subscriber = &made;
    entering_ = std::make_unique<Entering>(Entering{&made, connection, {frame.begin(), frame.end()}, nullptr});
    auto verdict = core().gate().when_known(made, Verb::connect, {}, [this] { entered(); });
    if (verdict) entering_->verdict = std::move(verdict);
}

void SubscribeDoor::entered() noexcept {
    const std::unique_ptr<Entering> entering = std::move(entering_);
    Subscriber& subscriber = *entering->subscriber;
    wake();
    const Result<Opened> opened = core().gate().open(subscriber, {});
    if (!opened) {
        count_dropped(core().metrics(), static_cast<Errc>(opened.error().value()));
        return forget(subscriber);
    }
    subscriber.open = true;
    handle(subscriber, entering->connection, entering->frame);
}

void SubscribeDoor::handle(Subscriber& subscriber, int connection, Bytes frame) noexcept {
    std::string prefix(as_text(frame.subspan(1)));
    if (frame.front() == 1) subscribe(subscriber, connection, std::move(prefix));
    else unsubscribe(subscriber, connection, prefix);
}

std::size_t SubscribeDoor::footprint() const noexcept {
    std::size_t bytes = 0;
    for (const auto& each : subscribers_) bytes += each->prefixes.footprint();
    return bytes;
}

// libzmq admits for the pipe that spoke last, so nothing is received until the Gate has answered. Retained messages come by
// `replay_retained`, also to those whose filter is held already.
void SubscribeDoor::subscribe(Subscriber& subscriber, int connection, std::string prefix) noexcept {
    const Result<TopicFilter> filter = interest_of(subscriber.principal()->tenant, prefix);
    if (!filter || filter->shared()) return count_dropped(core().metrics(), Errc::bad_filter);
    if (footprint() > max_prefix_bytes) return count_dropped(core().metrics(), Errc::quota_exceeded);
    if (refused(subscriber, filter->text())) return count_dropped(core().metrics(), Errc::denied);
    const bool held = subscriber.prefixes.holds_filter(filter->text());
    asked_ = std::make_unique<Asked>(Asked{&subscriber, connection, std::move(prefix), filter->text(), held});
    if (held) return admit_allowed();
    SubscribeRequest request{*filter, {}};
    request.options.retain_handling = RetainHandling::never;
    core().gate().subscribe(subscriber, {&request, 1}, Token{1});
}

void SubscribeDoor::settled(Subscriber& subscriber, Token, Errc code) noexcept {
    if (!asked_ || asked_->subscriber != &subscriber) return;
    asked_->allowed = code == Errc::ok;
    wake();
    if (asked_->allowed) return admit_allowed();
    asked_.reset();
    count_dropped(core().metrics(), code);
}

void SubscribeDoor::admit_allowed() noexcept {
    if (!asked_ || !asked_->allowed || !all_sent()) return;
    const std::unique_ptr<Asked> asked = std::move(asked_);
    // It may have gone meanwhile.
    const auto connection = connections_.find(asked->connection);
    if (connection == connections_.end() || connection->second.subscriber != asked->subscriber) return give_up(*asked->subscriber, asked->filter);
    admit(*asked);
}

void SubscribeDoor::admit(const Asked& asked) noexcept {
    asked.subscriber->prefixes.add(asked.connection, asked.prefix, asked.filter);
    for_each_pipe_prefix(asked.prefix, [this](std::string_view bytes) { socket().admit(bytes); });
    if (setup().retained) newcomers_.insert({asked.subscriber, asked.prefix});
}

// libzmq's match is per pipe and counts nothing, so a one-byte prefix must stay while the empty prefix needs it, and the other way
// round. What a subscriber then gets too much, its own socket filters. Who takes back what it never had takes nothing from anybody.
void SubscribeDoor::unsubscribe(Subscriber& subscriber, int connection, std::string_view prefix) noexcept {
    PrefixTable& prefixes = subscriber.prefixes;
    if (!prefixes.holds(connection, prefix)) return count_dropped(core().metrics(), Errc::bad_request);
    const std::optional<std::string> unneeded = prefixes.remove(connection, prefix);
    for_each_pipe_prefix(prefix, [&](std::string_view bytes) {
        const bool also_held = prefix.empty() ? prefixes.holds(connection, bytes) : bytes.size() == 1 && prefixes.holds(connection, {});
        if (!also_held) socket().dismiss(bytes);
    });
    if (unneeded) give_up(subscriber, *unneeded);
}

void SubscribeDoor::give_up(Subscriber& subscriber, const std::string& text) noexcept {
    if (!subscriber.open || subscriber.prefixes.holds_filter(text)) return;
    const Result<TopicFilter> filter = TopicFilter::parse(subscriber.principal()->tenant, text);
    if (filter) core().gate().unsubscribe(subscriber, {&*filter, 1}, Token{});
}

bool SubscribeDoor::refused(const Subscriber& subscriber, const std::string& filter) noexcept {
    const auto found = refused_.find({subscriber.principal()->name, filter});
    if (found == refused_.end()) return false;
    if (core().now() < found->second) return true;
    refused_.erase(found);
    return false;
}

/// From now on that user gets none of the filters by which the topic would come.
void SubscribeDoor::refuse(const Subscriber& subscriber, std::string_view topic) noexcept {
    const TimePoint until = core().now() + refusal_lasts;
    std::erase_if(refused_, [&](const auto& each) { return each.second <= core().now(); });
    for (std::size_t end = 0; refused_.size() < most_refusals;) {
        refused_[{subscriber.principal()->name, std::string(topic.substr(0, end)) + "#"}] = until;
        const std::size_t slash = topic.find('/', end);
        if (slash == std::string_view::npos) return;
        end = slash + 1;
    }
}

/// Whoever may not have a message of that topic, and whose sockets would get it, is refused and cut off before it goes out.
void SubscribeDoor::shut_out(std::string_view topic, const std::function<bool(Subscriber&)>& may) noexcept {
    std::vector<Subscriber*> out;
    for (const auto& each : subscribers_)
        if (each->prefixes.wants(topic) && !may(*each)) out.push_back(each.get());
    for (Subscriber* each : out) {
        refuse(*each, topic);
        count_dropped(core().metrics(), Errc::denied);
        cut(*each, CloseReason::not_authorized);
    }
}

}  // namespace junctor::zeromq
