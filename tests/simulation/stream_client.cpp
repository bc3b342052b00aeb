#include "tests/simulation/stream_client.hpp"

#include <algorithm>
#include <utility>

#include "core/runtime/core.hpp"

namespace junctor::simulation {

void StreamClient::Wire::set_deadline(Duration delay) noexcept {
    FakeStream::set_deadline(delay);
    due = delay == Duration::zero() ? std::nullopt : std::optional(core().now() + delay);
}

StreamClient::~StreamClient() {
    if (wire_) wire_->finish(CloseReason::connection_lost);
}

void StreamClient::attach(const std::function<std::unique_ptr<StreamHandler>(Stream&)>& make, bool messages) {
    wire_ = std::make_unique<Wire>(core_at(any_core()));
    messages_ = messages;
    wire_->message_mode = messages;
    wire_->attach(make(*wire_));
}

void StreamClient::put(ByteBuffer bytes, std::optional<std::size_t> number) { outgoing_.push_back({std::move(bytes), number, 0}); }

void StreamClient::cut() {
    if (wire_) detach(CloseReason::connection_lost);
}

void StreamClient::detach(std::optional<CloseReason> reason) {
    wire_->core().begin_round();
    if (wire_->closed_as && *wire_->closed_as != CloseReason::server_shutdown) sent_away(life());
    else if (wire_->closed_as && heard_why()) told(life());
    wire_->finish(reason);
    wire_.reset();
    outgoing_.clear();
    fed_.clear();
    incoming_.clear();
    end_life(life());
    open_ = false;
    forget();
}

void StreamClient::stall(bool stalled) {
    if (!wire_ || wire_->stalled == stalled) return;
    wire_->core().begin_round();
    if (stalled) wire_->stalled = true;
    else wire_->unstall();
}

void StreamClient::drain(std::size_t core) {
    if (!wire_ || wire_->closed_as || wire_->core().id().value != core) return;
    wire_->core().begin_round();
    wire_->handler().drain();
}

bool StreamClient::turn() {
    if (!wire_) return false;
    wire_->core().begin_round();
    if (look_after_wire()) return true;
    const bool feed_first = random().below(2) == 0;
    if (feed_first) return feed() || drink();
    return drink() || feed();
}

// What the driver does between two rounds.
bool StreamClient::look_after_wire() {
    if (wire_->closed_as) {
        if (drink()) return true;
        detach({});
        return true;
    }
    if (wire_->moved_to) {
        wire_->arrive(core_at(wire_->moved_to->value));
        return true;
    }
    if (wire_->due && wire_->core().now() >= *wire_->due) {
        wire_->due.reset();
        wire_->handler().timed_out();
        return true;
    }
    return false;
}

bool StreamClient::feed() {
    if (wire_->pauses > 0) return false;
    if (wire_->unconsumed() > 0 && random().below(2) == 0) {
        wire_->receive(Bytes{});
        note_handed();
    }
    if (outgoing_.empty()) return false;
    Piece& piece = outgoing_.front();
    const std::size_t rest = piece.bytes.size() - piece.fed;
    const std::size_t size = messages_ ? rest : 1 + random().below(rest);
    const ByteBuffer bytes(piece.bytes.begin() + static_cast<std::ptrdiff_t>(piece.fed),
                           piece.bytes.begin() + static_cast<std::ptrdiff_t>(piece.fed + size));
    piece.fed += size;
    if (piece.fed == piece.bytes.size()) {
        if (piece.number) fed_.push_back(*piece.number);
        outgoing_.pop_front();
    }
    wire_->receive(bytes);
    note_handed();
    return true;
}

void StreamClient::note_handed() {
    if (wire_->unconsumed() > 0 || wire_->closed_as) return;
    for (const std::size_t number : std::exchange(fed_, {})) handed(number);
}

bool StreamClient::drink() {
    if (wire_->stalled || wire_->sent.empty()) return false;
    const std::vector<ByteBuffer> messages = std::exchange(wire_->messages, {});
    append(incoming_, Bytes(std::exchange(wire_->sent, {})));
    if (messages_) {
        incoming_.clear();
        for (const ByteBuffer& message : messages) read(message);
        return true;
    }
    const std::size_t used = read(incoming_);
    incoming_.erase(incoming_.begin(), incoming_.begin() + static_cast<std::ptrdiff_t>(used));
    return true;
}

}  // namespace junctor::simulation
