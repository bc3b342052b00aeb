#include "connectors/zeromq/subscribe_door.hpp"

#include <array>
#include <utility>

#include "connectors/zeromq/dropped.hpp"
#include "connectors/zeromq/mapping.hpp"
#include "connectors/zeromq/prefix.hpp"
#include "core/observe/log.hpp"

namespace junctor::zeromq {
namespace {

/// How long one subscriber that does not read may hold up the others; then they go on without it.
constexpr Duration patience = std::chrono::milliseconds(500);

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
    outbox_.clear();
    full_since_ = TimePoint::max();
}

// XPUB hands over `1prefix` and `0prefix`; anything else is a message an XSUB sent upstream, which means nothing here.
void SubscribeDoor::received() noexcept {
    const Bytes frame = socket().parts().front();
    if (frame.empty() || frame.front() > 1) return count_dropped(core().metrics(), Errc::bad_request);
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
    prefixes_.add(prefix, filter->text());
    for_each_pipe_prefix(prefix, [this](std::string_view bytes) { socket().admit(bytes); });
}

// False when it has been refused already. Retained messages stay out: a subscriber that comes later would get them again with
// every other one's subscription, which is not what users of PUB and SUB know.
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
// round. What a subscriber then gets too much, its own socket filters.
void SubscribeDoor::unsubscribe(std::string_view prefix) noexcept {
    const std::optional<std::string> unneeded = prefixes_.remove(prefix);
    for_each_pipe_prefix(prefix, [&](std::string_view bytes) {
        const bool also_held = prefix.empty() ? prefixes_.holds(bytes) : bytes.size() == 1 && prefixes_.holds({});
        if (!also_held) socket().dismiss(bytes);
    });
    if (!unneeded) return;
    const Result<TopicFilter> filter = TopicFilter::parse(principal()->tenant, *unneeded);
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
    const std::string headers = fields_frame(members);
    const std::array<SharedSlice, 3> frames{SharedSlice{as_bytes(envelope->topic_text()), envelope, {}},
                                            SharedSlice{envelope->payload(), envelope, {}}, SharedSlice{as_bytes(headers), {}, {}}};
    return socket().send(std::span(frames).first(headers.empty() ? 2 : 3)) == Socket::Sent::yes;
}

bool SubscribeDoor::flush() noexcept {
    send_waiting();
    while (stalled()) {
        // One message past the full queues is enough: libzmq then leaves those peers out until they have read half of theirs.
        count_stalled(core().metrics());
        socket().drop_for_full_peers(true);
        bool first = true;
        outbox_.pump(core().now(), core().metrics(), [&](const Outbox::Item& item) noexcept {
            return std::exchange(first, false) && write(item.envelope, members_of(*item.envelope, core().now()));
        });
        socket().drop_for_full_peers(false);
        send_waiting();
    }
    return !outbox_.empty();
}

void SubscribeDoor::send_waiting() noexcept {
    outbox_.pump(core().now(), core().metrics(), [this](const Outbox::Item& item) noexcept {
        return write(item.envelope, members_of(*item.envelope, core().now()));
    });
    if (outbox_.empty()) full_since_ = TimePoint::max();
    else if (full_since_ == TimePoint::max()) full_since_ = core().now();
}

bool SubscribeDoor::stalled() const noexcept {
    if (outbox_.empty()) return false;
    return core().now() - full_since_ >= patience || outbox_.bytes() > core().limits().outbound_queue / 2;
}

}  // namespace junctor::zeromq
