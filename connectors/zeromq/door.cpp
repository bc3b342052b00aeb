#include "connectors/zeromq/door.hpp"

#include <utility>

#include "core/base/setup_error.hpp"
#include "core/runtime/port_holder.hpp"

namespace junctor::zeromq {
namespace {

constexpr int messages_per_turn = 256;
constexpr std::size_t bytes_per_turn = 1 << 20;

std::string why_not(const ErrorCode& error, const Address& address) {
    const std::string holder = error == boost::system::errc::address_in_use ? port_holder(address) : std::string();
    return holder.empty() ? error.message() : "it is in use by " + holder;
}

}  // namespace

Door::Door(DoorSetup setup, Socket::Kind kind) : setup_(std::move(setup)), kind_(kind) {}

void Door::bind(const Address& address) {
    socket_ = setup_.sockets.make(kind_, setup_.socket);
    if (follows_connections()) socket_->watch_connections();
    Result<Address> bound = socket_->bind(address);
    if (!bound) throw SetupError("cannot listen on " + address.text() + " for ZeroMQ: " + why_not(bound.error(), address));
    bound_ = *std::move(bound);
}

void Door::start() {
    setup_.host.post(setup_.home, [door = shared_from_this()](Core& core) { door->begin(core); });
}

void Door::drain() noexcept {
    setup_.host.post(setup_.home, [door = shared_from_this()](Core&) { door->finish(); });
}

void Door::begin(Core& core) {
    core_ = &core;
    running_ = true;
    started();
    watch();
    wake();
}

// What peers sent before the goodbye is still taken.
void Door::finish() noexcept {
    if (!running_) return;
    turn();
    running_ = false;
    ended();
    setup_.zap->remove(*this);
    connections_watch_.reset();
    watch_.reset();
    socket_.reset();
    core_->timers().cancel(pulse_);
}

void Door::watch() {
    watch_ = setup_.host.watch(*core_, socket_->descriptor(), [this] { turn(); });
    if (!follows_connections()) return;
    connections_watch_ = setup_.host.watch(*core_, socket_->connections_descriptor(), [this] { naming(); });
    setup_.zap->add(*this);
    note_connections();
}

void Door::naming() noexcept {
    note_connections();
    wake();
}

void Door::note_connections() noexcept {
    while (const auto event = socket_->next_connection_event()) connection_changed(*event);
}

void Door::wake() noexcept {
    if (woken_ || !running_) return;
    woken_ = true;
    setup_.host.post(setup_.home, [waiting = weak_from_this()](Core&) {
        if (const auto door = waiting.lock()) door->turn();
    });
}

void Door::turn() noexcept {
    woken_ = false;
    if (!running_) return;
    const bool more = receive_some();
    const bool waiting = flush();
    // Asked last and always: it also takes the descriptor's signal away.
    const bool readable = socket_->readable();
    if (more || (readable && ready())) wake();
    if (waiting && !pulse_.armed()) core_->timers().arm(pulse_, core_->now() + retry_interval());
}

bool Door::receive_some() noexcept {
    std::size_t bytes = 0;
    for (int count = 0; count < messages_per_turn && bytes < bytes_per_turn; ++count) {
        if (!ready() || !socket_->receive()) return false;
        bytes += socket_->received_bytes();
        // First what happened before this message: its connection may bear the number of one that has gone.
        if (follows_connections()) note_connections();
        received();
    }
    return true;
}

}  // namespace junctor::zeromq
