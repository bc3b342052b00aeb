#include "connectors/zeromq/subscribe_door.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "connectors/zeromq/dropped.hpp"
#include "connectors/zeromq/mapping.hpp"
#include "connectors/zeromq/prefix.hpp"
#include "core/ports/gate.hpp"

namespace junctor::zeromq {
namespace {

/// How long one subscriber that does not read may hold up the others; then they go on without it.
constexpr Duration patience = std::chrono::milliseconds(500);

/// What a subscriber must take in that time while libzmq's queues are full, unless less waits for it.
constexpr std::uint32_t least_progress = 64 << 10;

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
        connections_[event.connection] = {};
        return;
    }
    const auto gone = connections_.extract(event.connection);
    if (gone.empty()) return;
    former_[event.connection] = gone.mapped().name;
    if (gone.mapped().subscriber) leave(event.connection, *gone.mapped().subscriber);
}

bool SubscribeDoor::is_former(int connection) const noexcept {
    const auto former = former_.find(connection);
    return former != former_.end() && former->second == socket().user();
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
        former_[each.first] = each.second.name;
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
    if (stands == connections_.end() || is_former(connection)) return;
    Connection& here = stands->second;
    if (here.subscriber && here.name == socket().user()) return handle(*here.subscriber, connection, frame);
    PrincipalRef principal = sender();
    if (!principal) return count_dropped(core().metrics(), Errc::denied);
    former_.erase(connection);
    Subscriber* const before = std::exchange(here, {find(*principal), std::string(socket().user())}).subscriber;
    if (before) leave(connection, *before);
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

void SubscribeDoor::encode(const Envelope& envelope, Template& out) const noexcept { encode_members(envelope, core().now(), out); }

/// With one user alone there is nobody to wait for.
DeliverResult SubscribeDoor::deliver(Subscriber& to, const Delivery& delivery) noexcept {
    if (!to.open) return DeliverResult::refused;
    if (delivery.envelope->kind() == Kind::send && !alone_wants(to, delivery.envelope->topic_text())) return DeliverResult::refused;
    if (subscribers_.size() == 1 && shared_.empty()) return send(delivery, members_in(delivery.encoded));
    if (!find_shared(delivery.envelope)) send_shared();
    if (!to.open) return DeliverResult::refused;
    Shared& shared = shared_of(delivery.envelope, members_in(delivery.encoded), delivery.qos);
    shared.allowed.push_back(&to);
    // Its verdicts come in order: what it was to have before this one it is not to have.
    for (Shared& each : shared_) {
        std::erase(each.awaited, &to);
        if (&each == &shared) break;
    }
    return DeliverResult::queued;
}

SubscribeDoor::Shared* SubscribeDoor::find_shared(const EnvelopePtr& envelope) noexcept {
    const auto found = std::find_if(shared_.rbegin(), shared_.rend(), [&](const Shared& each) { return each.envelope == envelope; });
    return found == shared_.rend() ? nullptr : &*found;
}

/// The same envelope for all whom the Gate hands it over for, at once or when somebody elsewhere has said so.
SubscribeDoor::Shared& SubscribeDoor::shared_of(const EnvelopePtr& envelope, std::string_view members, Qos qos) {
    Shared* shared = find_shared(envelope);
    if (!shared) {
        shared = &shared_.emplace_back(Shared{envelope, {}, qos, {}, {}});
        shared_bytes_ += envelope->footprint();
        wake();
    }
    if (shared->members.empty()) shared->members = members;
    shared->qos = std::max(shared->qos, qos);
    return *shared;
}

void SubscribeDoor::withheld(Subscriber& from, const EnvelopePtr& envelope) noexcept {
    if (envelope) return shared_of(envelope, members_of(*envelope, core().now()), Qos::at_most_once).awaited.push_back(&from);
    for (Shared& each : shared_) std::erase(each.awaited, &from);
    wake();
}

bool SubscribeDoor::shared_overflows() const noexcept { return shared_bytes_ > core().limits().outbound_queue || over_share(); }

/// What is for one of all goes to somebody else where no socket would get it, for filters are wider than prefixes, or another user's sockets
/// would, of whom nobody has asked whether he may.
bool SubscribeDoor::alone_wants(const Subscriber& one, std::string_view topic) const noexcept {
    return one.prefixes.wants(topic) &&
           std::ranges::none_of(subscribers_, [&](const auto& each) { return each.get() != &one && each->prefixes.wants(topic); });
}

namespace {

using Subscribers = std::vector<const Subscriber*>;

bool share_one(const Subscribers& some, const Subscribers& others) noexcept {
    return std::ranges::any_of(some, [&](const Subscriber* each) { return std::ranges::find(others, each) != others.end(); });
}

void join(Subscribers& all, const Subscribers& more) {
    for (const Subscriber* each : more)
        if (std::ranges::find(all, each) == all.end()) all.push_back(each);
}

}  // namespace

/// What somebody elsewhere is asked about waits, and behind it what those are to have who are to have that. What is for others alone goes past. One that
/// would have to wait although too much waits goes to nobody.
void SubscribeDoor::send_shared() noexcept {
    if (std::exchange(sending_shared_, true)) return;
    Subscribers behind;
    // By index: whoever is cut off meanwhile may bring about more.
    for (std::size_t at = 0; at < shared_.size() && behind.size() < subscribers_.size();) {
        const bool asks = !shared_[at].awaited.empty();
        const bool waits = asks || share_one(shared_[at].allowed, behind);
        if (waits && !(asks && shared_overflows())) {
            join(behind, shared_[at].awaited);
            join(behind, shared_[at].allowed);
            ++at;
            continue;
        }
        const Shared next = std::move(shared_[at]);
        shared_.erase(shared_.begin() + static_cast<std::ptrdiff_t>(at));
        shared_bytes_ -= next.envelope->footprint();
        if (asks) count_dropped(core().metrics(), Errc::overloaded);
        else send_to_all(next);
    }
    sending_shared_ = false;
}

void SubscribeDoor::send_to_all(const Shared& shared) noexcept {
    const auto allowed = [&](const Subscriber& each) { return std::ranges::find(shared.allowed, &each) != shared.allowed.end(); };
    shut_out(shared.envelope->topic_text(), allowed);
    const Template nothing_encoded;
    send({shared.envelope, nothing_encoded, shared.qos, false, {}}, shared.members);
}

DeliverResult SubscribeDoor::send(const Delivery& delivery, std::string_view members) noexcept {
    const bool waiting = !outbox_.empty();
    if (!waiting) wake();
    if (!waiting && write(delivery.envelope, members)) return DeliverResult::queued;
    // Where nobody may have more queued, what comes takes the place of what waits longest.
    const bool full = over_share();
    if (full) count_excess();
    const DeliverResult result = outbox_.push(delivery, full ? outbox_.bytes() : core().limits().outbound_queue, core().metrics());
    settle_charges();
    if (stalled()) wake();
    return result;
}

bool SubscribeDoor::write(const EnvelopePtr& envelope, std::string_view members) noexcept {
    if (over_budget()) return false;
    const std::string headers = fields_frame(members);
    const std::array<SharedSlice, 3> frames{SharedSlice{as_bytes(envelope->topic_text()), envelope, {}},
                                            SharedSlice{envelope->payload(), envelope, {}}, SharedSlice{as_bytes(headers), {}, {}}};
    return socket().send(std::span(frames).first(headers.empty() ? 2 : 3)) == Socket::Sent::yes;
}

bool SubscribeDoor::write(const Outbox::Item& item) noexcept {
    return write(item.envelope, members_with({.retain = item.retain}, members_of(*item.envelope, core().now())));
}

bool SubscribeDoor::flush() noexcept {
    lost_.clear();
    settle_charges();
    send_shared();
    replay_retained();
    send_waiting();
    end_slow_ones();
    while (stalled() && !over_budget()) {
        // One message past the full queues is enough: libzmq then leaves those peers out until they have read half of theirs.
        count_stalled(core().metrics());
        count_excess();
        socket().drop_for_full_peers(true);
        bool first = true;
        outbox_.pump(core().now(), core().metrics(), [&](const Outbox::Item& item) noexcept {
            return std::exchange(first, false) && write(item);
        });
        socket().drop_for_full_peers(false);
        // Who holds the rest up is somebody else, and has been full for a moment only.
        full_since_ = TimePoint::max();
        send_waiting();
    }
    admit_allowed();
    settle_charges();
    // libzmq does not say when it holds less.
    return !outbox_.empty() || std::ranges::any_of(subscribers_, [](const auto& each) { return each->waits.held() != 0; });
}

void SubscribeDoor::send_waiting() noexcept {
    outbox_.pump(core().now(), core().metrics(), [this](const Outbox::Item& item) noexcept { return write(item); });
    settle_charges();
    if (outbox_.empty()) full_since_ = TimePoint::max();
    else if (full_since_ == TimePoint::max()) full_since_ = core().now();
}

/// libzmq bounds its queues in messages; this bounds them in bytes, whoever they are for.
bool SubscribeDoor::over_budget() const noexcept {
    const std::size_t unsent = socket().unsent();
    return unsent >= core().limits().outbound_queue || (unsent > uncounted && over_share());
}

/// Bytes that wait for those who are connected, as far as they count.
std::size_t SubscribeDoor::waiting() const noexcept {
    const std::size_t unsent = socket().unsent();
    return outbox_.bytes() + shared_bytes_ + (unsent > uncounted ? unsent : 0);
}

void SubscribeDoor::settle_charges() noexcept {
    const std::size_t bytes = waiting();
    for (const auto& each : subscribers_) each->waits.settle(each->open ? bytes : 0);
}

bool SubscribeDoor::over_share() const noexcept {
    return std::ranges::any_of(subscribers_, [](const auto& each) { return each->waits.full(); });
}

void SubscribeDoor::count_excess() noexcept {
    for (const auto& each : subscribers_)
        if (each->waits.full()) each->waits.share()->exceeded(core().metrics());
}

// libzmq does not say for whom it keeps what. The kernel does: those who took next to nothing for a while are the ones.
void SubscribeDoor::end_slow_ones() noexcept {
    if (!over_budget()) return progress_.clear();
    const bool begins = progress_.empty();
    if (!begins && core().now() - progress_at_ < patience) return;
    for (const auto& [connection, acknowledged] : std::exchange(progress_, {})) {
        const auto now = connections_.contains(connection) ? socket().progress(connection) : std::nullopt;
        if (!now || now->acknowledged - acknowledged >= std::min(now->waiting, least_progress)) continue;
        count_slow(core().metrics());
        count_excess();
        socket().end_connection(connection);
    }
    progress_at_ = core().now();
    for (const auto& [connection, whose] : connections_)
        if (const auto at = socket().progress(connection)) progress_.emplace(connection, at->acknowledged);
}

bool SubscribeDoor::stalled() const noexcept {
    if (outbox_.empty()) return false;
    return core().now() - full_since_ >= patience || over_share() || outbox_.bytes() > core().limits().outbound_queue / 2;
}

}  // namespace junctor::zeromq
