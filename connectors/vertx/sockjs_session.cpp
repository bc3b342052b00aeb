#include "connectors/vertx/sockjs_session.hpp"

#include <utility>

#include "core/runtime/core.hpp"

namespace junctor::vertx {
namespace {

constexpr std::string_view interrupted = "c[1002,\"Connection interrupted\"]";
constexpr std::string_view still_open = "c[2010,\"Another connection still open\"]";
constexpr std::size_t most_brought = 64;

void answer_frame(HttpExchange& exchange, std::string_view frame, SockJsTransport transport) {
    HttpResponse answer = sockjs_head(transport);
    answer.body = sockjs_prelude(transport);
    append_sockjs_frame(answer.body, frame, transport);
    exchange.respond(std::move(answer));
}

}  // namespace

SockJsSession::SockJsSession(Owner& owner, Core& core, std::string name, Peer peer)
    : owner_(owner), core_(core), name_(std::move(name)), peer_(std::move(peer)), last_received_(core.now()) {
    core_.timers().arm(absence_, core_.now() + absence);
}

SockJsSession::~SockJsSession() {
    reason_ = CloseReason::server_shutdown;
    tell_closed();
}

void SockJsSession::wait_on(const std::shared_ptr<HttpExchange>& exchange, SockJsTransport transport) noexcept {
    if (waiting_) return answer_frame(*exchange, still_open, transport);
    if (closing_ && frames_.empty()) return answer_frame(*exchange, last_word_, transport);
    waiting_ = exchange;
    transport_ = transport;
    written_ = 0;
    core_.timers().cancel(absence_);
    if (known_) exchange->identified();
    exchange->on_closed([this] { client_gone(); });
    exchange->on_writable([this] { soon(); });
    exchange->on_drain([this] { drain(); });
    if (goes_on(transport)) {
        exchange->begin(sockjs_head(transport));
        exchange->write(sockjs_prelude(transport), {});
    }
    turn();
}

void SockJsSession::take(std::shared_ptr<HttpExchange> exchange) noexcept {
    const ByteBuffer& body = exchange->request().body;
    if (!handler_) return exchange->respond(HttpResponse::problem(404, "not_found", "this session is over"));
    if (brought_.size() >= most_brought || brought_bytes_ + body.size() > core_.limits().packet)
        return exchange->respond(HttpResponse::problem(503, "overloaded", "what was sent before has not been taken yet; send less at a time"));
    brought_bytes_ += body.size();
    brought_.push_back(std::move(exchange));
    hand_over();
}

/// In the order in which they came; each is answered when the protocol has it.
void SockJsSession::hand_over() noexcept {
    while (handler_ && pauses_ == 0 && !brought_.empty()) {
        const std::shared_ptr<HttpExchange> exchange = brought_.front();
        const ByteBuffer& body = exchange->request().body;
        last_received_ = core_.now();
        if (body.size() > handler_->receive_limit()) {
            exchange->respond(HttpResponse::problem(413, "too_large", "a message of this size is not taken here"));
        } else {
            if (handler_->received(body) == 0) return;
            exchange->respond(HttpResponse(204, "text/plain; charset=UTF-8", {}));
        }
        brought_bytes_ -= body.size();
        brought_.pop_front();
    }
}

void SockJsSession::resume_reading() noexcept {
    --pauses_;
    soon();
}

void SockJsSession::send(Bytes head, Bytes middle, const SharedSlice& tail) noexcept {
    if (closing_) return;
    std::string frame(as_text(head));
    frame.append(as_text(middle)).append(as_text(tail.bytes));
    if (frame == "h" && (!waiting_ || !frames_.empty())) return;  // nobody needs a sign of life who is told something, or does not listen
    if (frame.starts_with('c')) last_word_ = frame;
    bytes_ += frame.size();
    frames_.push_back(std::move(frame));
    full_ |= !wants_more();
    soon();
}

std::size_t SockJsSession::queued() const noexcept { return bytes_ + (waiting_ ? waiting_->queued() : 0); }

void SockJsSession::established() noexcept {
    if (std::exchange(known_, true)) return;
    owner_.known();
    if (waiting_) waiting_->identified();
}

void SockJsSession::set_deadline(Duration delay) noexcept {
    if (delay == Duration::zero()) return core_.timers().cancel(deadline_);
    core_.timers().arm(deadline_, core_.now() + delay);
}

void SockJsSession::timed_out() noexcept {
    if (handler_ && !closing_) handler_->timed_out();
}

void SockJsSession::close(CloseReason reason, std::string_view) noexcept { end(reason); }

void SockJsSession::abort(CloseReason reason) noexcept {
    frames_.clear();
    bytes_ = 0;
    end(reason);
}

void SockJsSession::end(CloseReason reason) noexcept {
    if (std::exchange(closing_, true)) return;
    reason_ = reason;
    core_.timers().cancel(deadline_);
    if (last_word_.empty()) {
        last_word_ = interrupted;
        frames_.push_back(last_word_);
        bytes_ += last_word_.size();
    }
    soon();
}

void SockJsSession::tell_closed() noexcept {
    if (const std::unique_ptr<StreamHandler> handler = std::move(handler_)) handler->closed(reason_);
    for (const auto& exchange : std::exchange(brought_, {})) exchange->respond(HttpResponse::problem(404, "not_found", "this session is over"));
    brought_bytes_ = 0;
}

void SockJsSession::drain() noexcept {
    if (handler_ && !closing_) handler_->drain();
    turn();
}

/// What is to be done outside the protocol's own calls.
void SockJsSession::soon() noexcept { core_.timers().arm(turn_, core_.now()); }

void SockJsSession::turn() noexcept {
    if (closing_) tell_closed();
    hand_over();
    flush();
    charge_.settle(queued());
    full_ = full_ || charge_.held() != 0;
    if (!handler_ || !full_ || queued() >= high_water / 2 || !wants_more()) return;
    full_ = false;
    handler_->writable();
}

void SockJsSession::flush() noexcept {
    if (waiting_ && goes_on(transport_)) return flush_on();
    if (waiting_ && !frames_.empty()) flush_one();
}

void SockJsSession::flush_one() noexcept {
    std::string frame = next_frame();
    while (!frames_.empty() && join_sockjs_frames(frame, frames_.front(), answer_bytes)) next_frame();
    const std::shared_ptr<HttpExchange> exchange = waiting_;
    waits_no_more();
    answer_frame(*exchange, frame, transport_);
}

void SockJsSession::flush_on() noexcept {
    while (!frames_.empty() && waiting_->wants_more() && written_ < answer_bytes) {
        ByteBuffer bytes;
        append_sockjs_frame(bytes, next_frame(), transport_);
        written_ += bytes.size();
        waiting_->write(bytes, {});
    }
    if (written_ < answer_bytes && (handler_ || !frames_.empty())) return;
    const std::shared_ptr<HttpExchange> exchange = waiting_;
    waits_no_more();
    exchange->finish();
}

std::string SockJsSession::next_frame() noexcept {
    std::string frame = std::move(frames_.front());
    frames_.pop_front();
    bytes_ -= frame.size();
    return frame;
}

void SockJsSession::waits_no_more() noexcept {
    waiting_.reset();
    core_.timers().arm(absence_, core_.now() + absence);
}

/// It broke off before it had its answer: nobody knows what has arrived.
void SockJsSession::client_gone() noexcept {
    waits_no_more();
    if (closing_) return;
    frames_.clear();
    bytes_ = 0;
    last_word_ = interrupted;
    end(CloseReason::connection_lost);
}

void SockJsSession::absent() noexcept {
    reason_ = closing_ ? reason_ : CloseReason::connection_lost;
    closing_ = true;
    tell_closed();
    owner_.over(name_);
}

}  // namespace junctor::vertx
