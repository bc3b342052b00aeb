#include "connectors/zeromq/request_door.hpp"

#include <algorithm>
#include <utility>

#include "connectors/zeromq/mapping.hpp"
#include "core/model/session_name.hpp"

namespace junctor::zeromq {

struct RequestDoor::Seat final : PeerLink {
    Seat(RequestDoor& owner, std::string_view name, std::string_view whose) : door(owner), identity(name), user(whose), peer(owner.core(), *this) {}

    Sent send(std::span<const SharedSlice> frames) noexcept override {
        if (*held >= (wire.full() ? uncounted : most_held)) return Sent::full;
        const Sent sent = door.send_to(identity, frames, held);
        count();
        return sent;
    }
    void charge(Ref<QueueShare> share) noexcept override {
        wire.use(std::move(share));
        count();
    }
    void count() noexcept {
        const std::size_t bytes = *held;
        wire.settle(bytes > uncounted ? bytes : 0);
        if (wire.held() != 0) attend();
    }
    void attend() noexcept override {
        if (std::exchange(attended, true)) return;
        door.attention_.push_back(this);
        if (!door.flushing_) door.wake();
    }

    RequestDoor& door;
    const std::string identity;
    const std::string user;  ///< as the ZAP handler named it
    const Socket::Held held = std::make_shared<std::atomic<std::size_t>>(0);  ///< by libzmq, for this peer
    QueueCharge wire;       ///< what libzmq holds, where it counts
    int connection = -1;    ///< by which it spoke last
    bool attended = false;  ///< stands in `attention_`
    Peer peer;
};

RequestDoor::RequestDoor(DoorSetup setup) : Door(std::move(setup), Socket::Kind::router) {}
RequestDoor::~RequestDoor() = default;

void RequestDoor::started() { core().timers().arm(sweep_, core().now() + setup().idle_timeout); }

void RequestDoor::ended() noexcept {
    core().timers().cancel(sweep_);
    for (auto& [identity, seat] : seats_) seat->peer.close(CloseReason::server_shutdown, "the gateway is shutting down");
    attention_.clear();
    seats_.clear();
}

void RequestDoor::received() noexcept {
    const std::span<const Bytes> parts = socket().parts();
    const std::string_view identity = as_text(parts.front());
    const std::span<const Bytes> frames = parts.subspan(1);
    begin_anew(identity, frames);
    Seat* seat = seat_of(identity, frames);
    if (!seat) return;
    seat->connection = socket().connection();
    seat->peer.received(frames);
    if (seat->connection < 0) return;
    const auto stands = connections_.find(seat->connection);
    if (stands == connections_.end()) return connection_closed(seat->connection, seat->identity);
    if (stands->second.empty()) stands->second = seat->identity;
}

// libzmq may tell of the new connection of a peer before it tells of the old one's end. A `session` through it is a beginning. And whoever
// comes under another one's routing id has taken its place on the wire, but not its session.
void RequestDoor::begin_anew(std::string_view identity, std::span<const Bytes> frames) noexcept {
    const auto found = seats_.find(std::string(identity));
    if (found == seats_.end() || found->second->connection == socket().connection()) return;
    const bool somebody_else = number_in(found->second->user) != number_in(socket().user());
    if (somebody_else || decode_command(frames).command.op == Op::session) found->second->peer.end(CloseReason::connection_lost);
}

void RequestDoor::connection_changed(const Socket::ConnectionEvent& event) noexcept {
    if (event.opened) return connections_[event.connection].clear();
    if (const auto gone = connections_.extract(event.connection); !gone.empty()) connection_closed(event.connection, gone.mapped());
}

// A peer that came back under its own name speaks by another connection already.
void RequestDoor::connection_closed(int connection, const std::string& identity) noexcept {
    const auto seat = seats_.find(identity);
    if (seat != seats_.end() && seat->second->connection == connection) seat->second->peer.end(CloseReason::connection_lost);
}

RequestDoor::Seat* RequestDoor::seat_of(std::string_view identity, std::span<const Bytes> frames) noexcept {
    std::string name(identity);
    if (const auto found = seats_.find(name); found != seats_.end() && !found->second->peer.over()) return found->second.get();
    if (seats_.size() >= core().limits().connections) {
        turn_away(identity, frames, CloseReason::overloaded, "too many peers are connected");
        return nullptr;
    }
    PrincipalRef principal = sender();
    if (!principal) {
        turn_away(identity, frames, CloseReason::not_authenticated, "not authenticated");
        return nullptr;
    }
    std::unique_ptr<Seat>& seat = seats_[std::move(name)];
    if (seat) std::erase(attention_, seat.get());
    seat = std::make_unique<Seat>(*this, identity, socket().user());
    seat->peer.begin(std::move(principal), std::string(valid_session_name(identity) ? identity : std::string_view()));
    return seat.get();
}

void RequestDoor::turn_away(std::string_view identity, std::span<const Bytes> frames, CloseReason reason, std::string_view text) noexcept {
    Machine machine(core().limits());
    Outgoing answer = machine.goodbye(reason, text);
    answer.delimited = decode_command(frames).command.delimited;
    send_to(identity, frames_of(answer).view(), nullptr);
}

PeerLink::Sent RequestDoor::send_to(std::string_view identity, std::span<const SharedSlice> frames, const Socket::Held& held) noexcept {
    std::array<SharedSlice, max_frames + 1> all;
    all[0].bytes = as_bytes(identity);
    std::copy(frames.begin(), frames.end(), all.begin() + 1);
    if (!flushing_) wake();
    switch (socket().send(std::span(all).first(frames.size() + 1), held)) {
        case Socket::Sent::yes: return moved_ = true, PeerLink::Sent::yes;
        case Socket::Sent::full: return PeerLink::Sent::full;
        case Socket::Sent::gone: break;
    }
    return PeerLink::Sent::gone;
}

// What is still blocked stays on the list for the next pulse.
bool RequestDoor::flush() noexcept {
    const std::vector<Seat*> attention = std::exchange(attention_, {});
    flushing_ = true;
    moved_ = false;
    for (Seat* seat : attention) {
        seat->attended = false;
        if (!seat->peer.left() && !seat->peer.over()) seat->peer.pump();
        seat->count();
        if (settle(*seat)) seats_.erase(seat->identity);
    }
    flushing_ = false;
    return !attention_.empty();
}

bool RequestDoor::settle(Seat& seat) noexcept {
    if (seat.peer.left()) seat.peer.end(CloseReason::connection_lost);
    if (!seat.peer.over()) return false;
    if (std::exchange(seat.attended, false)) std::erase(attention_, &seat);
    return true;
}

void RequestDoor::sweep(TimePoint now) noexcept {
    const Duration idle = setup().idle_timeout;
    for (auto& [identity, seat] : seats_)
        if (seat->peer.idle_since(now - idle)) seat->peer.end(CloseReason::idle_timeout);
    core().timers().arm(sweep_, now + idle / 2);
}

}  // namespace junctor::zeromq
