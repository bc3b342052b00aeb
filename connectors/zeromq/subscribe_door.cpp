#include "connectors/zeromq/subscribe_door.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "connectors/zeromq/dropped.hpp"
#include "connectors/zeromq/mapping.hpp"
#include "connectors/zeromq/prefix.hpp"
#include "connectors/zeromq/tcp_progress.hpp"
#include "core/observe/log.hpp"

namespace junctor::zeromq {
namespace {

/// How long one subscriber that does not read may hold up the others; then they go on without it.
constexpr Duration patience = std::chrono::milliseconds(500);

/// What a subscriber must take in that time while libzmq's queues are full, unless less waits for it.
constexpr std::uint32_t least_progress = 64 << 10;

/// Retained values that one prefix brings at most.
constexpr std::size_t most_retained = 10'000;

/// What all prefixes of all subscribers may take.
constexpr std::size_t max_prefix_bytes = 64 << 20;

// Subscribers send nothing but prefixes.
DoorSetup with_small_frames(DoorSetup setup) {
    setup.socket.largest_frame = max_topic_bytes + 64;
    return setup;
}

}  // namespace

SubscribeDoor::SubscribeDoor(DoorSetup setup) : Door(with_small_frames(std::move(setup)), Socket::Kind::publisher) {}

void SubscribeDoor::started() {
    connections_.clear();
    state_ = State::authenticating;
    auto conversation = core().gate().authenticate(credentials({}), [this](AuthenticationStep step) { authenticated(std::move(step)); });
    if (state_ == State::authenticating) authentication_ = std::move(conversation);
}

void SubscribeDoor::authenticated(AuthenticationStep step) noexcept {
    state_ = State::closed;
    if (step.outcome == AuthenticationStep::Outcome::allow) {
        set_principal(std::move(step.principal));
        if (core().gate().open(*this, {})) state_ = State::open;
    }
    if (state_ == State::open) wake();
    else log_warning("zeromq", "the policy does not let subscribers in", {{"connector", setup().connector}, {"address", bound().text()}});
}

void SubscribeDoor::ended() noexcept {
    authentication_.reset();
    end(CloseReason::server_shutdown);
}

void SubscribeDoor::close(CloseReason reason, std::string_view) noexcept {
    if (state_ != State::open) return;
    end(reason);
    if (reason != CloseReason::server_shutdown) rebind();
}

void SubscribeDoor::end(CloseReason reason) noexcept {
    if (std::exchange(state_, State::closed) != State::open) return;
    core().gate().close(*this, reason);
    prefixes_.clear();
    asked_.clear();
    newcomers_.clear();
    core().timers().cancel(replay_timer_);
    outbox_.clear();
    full_since_ = TimePoint::max();
    progress_.clear();
}

void SubscribeDoor::connection_changed(const Socket::ConnectionEvent& event) noexcept {
    if (event.opened) {
        connections_.insert(event.connection);
        return;
    }
    connections_.erase(event.connection);
    for (const std::string& filter : prefixes_.remove(event.connection)) give_up(filter);
}

// XPUB hands over `1prefix` and `0prefix`; anything else is a message an XSUB sent upstream, which means nothing here. What libzmq takes
// back itself for a connection that has gone bears no connection: `connection_changed` has done it, or does it.
void SubscribeDoor::received() noexcept {
    const Bytes frame = socket().parts().front();
    if (frame.empty() || frame.front() > 1) return count_dropped(core().metrics(), Errc::bad_request);
    if (!connections_.contains(socket().connection())) return;
    const std::string prefix(as_text(frame.subspan(1)));
    if (frame.front() == 1) subscribe(prefix);
    else unsubscribe(prefix);
}

// The pipe that spoke must be admitted before anything else happens on the socket. So a verdict that takes time is not waited
// for: until it comes, the core hands over nothing for this prefix, and nothing ever if it is a refusal.
void SubscribeDoor::subscribe(std::string_view prefix) noexcept {
    const Result<TopicFilter> filter = interest_of(principal()->tenant, prefix);
    if (!filter || filter->shared()) return count_dropped(core().metrics(), Errc::bad_filter);
    if (prefixes_.footprint() > max_prefix_bytes) return count_dropped(core().metrics(), Errc::quota_exceeded);
    if (!prefixes_.holds_filter(filter->text()) && !ask(*filter)) return;
    prefixes_.add(socket().connection(), prefix, filter->text());
    for_each_pipe_prefix(prefix, [this](std::string_view bytes) { socket().admit(bytes); });
    if (setup().retained) newcomers_.emplace(prefix);
}

// False when it has been refused already. Retained messages come by `replay_retained`, also to those whose filter is held already.
bool SubscribeDoor::ask(const TopicFilter& filter) noexcept {
    SubscribeRequest request{filter, {}};
    request.options.retain_handling = RetainHandling::never;
    const std::uint64_t token = ++last_token_;
    const std::uint64_t refused_before = refused_;
    asked_.emplace(token, filter.text());
    admitting_ = true;
    core().gate().subscribe(*this, {&request, 1}, Token{token});
    admitting_ = false;
    return refused_ == refused_before;
}

void SubscribeDoor::settled(Token token, const Receipt& receipt) noexcept {
    const auto asked = asked_.extract(token.value);
    if (asked.empty()) return;
    const Errc code = receipt.code == Errc::ok && !receipt.each.empty() ? receipt.each.front() : receipt.code;
    if (code == Errc::ok) return;
    ++refused_;
    count_dropped(core().metrics(), code);
    prefixes_.forget(asked.mapped());
}

// libzmq's match is per pipe and counts nothing, so a one-byte prefix must stay while the empty prefix needs it, and the other way
// round. What a subscriber then gets too much, its own socket filters. Who takes back what it never had takes nothing from anybody.
void SubscribeDoor::unsubscribe(std::string_view prefix) noexcept {
    const int connection = socket().connection();
    if (!prefixes_.holds(connection, prefix)) return count_dropped(core().metrics(), Errc::bad_request);
    const std::optional<std::string> unneeded = prefixes_.remove(connection, prefix);
    for_each_pipe_prefix(prefix, [&](std::string_view bytes) {
        const bool also_held = prefix.empty() ? prefixes_.holds(connection, bytes) : bytes.size() == 1 && prefixes_.holds(connection, {});
        if (!also_held) socket().dismiss(bytes);
    });
    if (unneeded) give_up(*unneeded);
}

void SubscribeDoor::give_up(const std::string& text) noexcept {
    if (state_ != State::open) return;
    const Result<TopicFilter> filter = TopicFilter::parse(principal()->tenant, text);
    if (filter) core().gate().unsubscribe(*this, {&*filter, 1}, Token{});
}

WireVariant SubscribeDoor::variant(const SubscribeOptions&) const noexcept { return members_variant(); }

void SubscribeDoor::encode(const Envelope& envelope, WireVariant, Template& out) const noexcept {
    encode_members(envelope, core().now(), out);
}

DeliverResult SubscribeDoor::deliver(const Delivery& delivery) noexcept {
    const bool waiting = !outbox_.empty();
    if (!waiting) wake();
    if (!waiting && !admitting_ && write(delivery.envelope, members_in(delivery.encoded))) return DeliverResult::queued;
    const DeliverResult result = outbox_.push(delivery, core().limits().outbound_queue, core().metrics());
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
    replay_retained();
    send_waiting();
    end_slow_ones();
    while (stalled() && !over_budget()) {
        // One message past the full queues is enough: libzmq then leaves those peers out until they have read half of theirs.
        count_stalled(core().metrics());
        socket().drop_for_full_peers(true);
        bool first = true;
        outbox_.pump(core().now(), core().metrics(), [&](const Outbox::Item& item) noexcept {
            return std::exchange(first, false) && write(item);
        });
        socket().drop_for_full_peers(false);
        send_waiting();
    }
    return !outbox_.empty();
}

// Not while verdicts are awaited or others hold the door up: retained values can wait.
void SubscribeDoor::replay_retained() noexcept {
    if (newcomers_.empty() || !asked_.empty() || !outbox_.empty()) return;
    if (core().now() < next_replay_) {
        if (!replay_timer_.armed()) core().timers().arm(replay_timer_, next_replay_);
        return;
    }
    next_replay_ = core().now() + replay_interval;
    const std::set<std::string, std::less<>> prefixes = std::exchange(newcomers_, {});
    const bool everything = prefixes.contains(std::string_view());
    std::string_view covering;
    for (const std::string& prefix : prefixes) {
        if (everything && !prefix.empty() && prefix.front() != '$') continue;
        if (!covering.empty() && prefix.starts_with(covering)) continue;
        replay(covering = prefix);
    }
}

void SubscribeDoor::replay(std::string_view prefix) noexcept {
    const Result<TopicFilter> filter = interest_of(principal()->tenant, prefix);
    if (!filter || !prefixes_.holds_filter(filter->text())) return;
    const Template nothing_encoded;
    const auto found = core().gate().retained(*this, *filter, most_retained, [&](const EnvelopePtr& envelope) {
        if (envelope->topic_text().starts_with(prefix))
            outbox_.push({envelope, nothing_encoded, Qos::at_most_once, true, {}}, core().limits().outbound_queue, core().metrics());
    });
    if (!found) count_dropped(core().metrics(), static_cast<Errc>(found.error().value()));
}

void SubscribeDoor::send_waiting() noexcept {
    outbox_.pump(core().now(), core().metrics(), [this](const Outbox::Item& item) noexcept { return write(item); });
    if (outbox_.empty()) full_since_ = TimePoint::max();
    else if (full_since_ == TimePoint::max()) full_since_ = core().now();
}

/// libzmq bounds its queues in messages; this bounds them in bytes, whoever they are for.
bool SubscribeDoor::over_budget() const noexcept { return socket().unsent() >= core().limits().outbound_queue; }

// libzmq does not say for whom it keeps what. The kernel does: those who took next to nothing for a while are the ones.
void SubscribeDoor::end_slow_ones() noexcept {
    if (!over_budget()) return progress_.clear();
    const bool begins = progress_.empty();
    if (!begins && core().now() - progress_at_ < patience) return;
    for (const auto& [connection, acknowledged] : std::exchange(progress_, {})) {
        const auto now = connections_.contains(connection) ? tcp_progress(connection) : std::nullopt;
        if (!now || now->acknowledged - acknowledged >= std::min(now->waiting, least_progress)) continue;
        count_slow(core().metrics());
        end_connection(connection);
    }
    progress_at_ = core().now();
    for (const int connection : connections_)
        if (const auto at = tcp_progress(connection)) progress_.emplace(connection, at->acknowledged);
}

bool SubscribeDoor::stalled() const noexcept {
    if (outbox_.empty()) return false;
    return core().now() - full_since_ >= patience || outbox_.bytes() > core().limits().outbound_queue / 2;
}

}  // namespace junctor::zeromq
