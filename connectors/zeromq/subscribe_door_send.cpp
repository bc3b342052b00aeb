// What goes out to SUB sockets: for whom it waits, what waits, and who is not waited for any longer.

#include <algorithm>
#include <array>
#include <utility>

#include "connectors/zeromq/dropped.hpp"
#include "connectors/zeromq/mapping.hpp"
#include "connectors/zeromq/subscribe_door.hpp"

namespace junctor::zeromq {
namespace {

/// How long one subscriber that does not read may hold up the others; then they go on without it.
constexpr Duration patience = std::chrono::milliseconds(500);

/// What a subscriber must take in that time while libzmq's queues are full, unless less waits for it.
constexpr std::uint32_t least_progress = 64 << 10;

}  // namespace

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
