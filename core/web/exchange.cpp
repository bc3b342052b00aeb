#include "core/web/exchange.hpp"

#include <array>
#include <cassert>
#include <charconv>

#include "core/web/cross_origin.hpp"
#include "core/web/http_connection.hpp"

namespace junctor::web {

Exchange::~Exchange() {
    if (!connection_) return;
    const bool answered_in_part = state_ == State::streaming;
    HttpConnection* connection = leave();
    if (answered_in_part) {
        connection->cut_off(CloseReason::internal_error);
    } else {
        connection->answer(HttpResponse::problem(500, "internal_error", "nobody answered this request"), request_.method);
    }
}

HttpConnection* Exchange::leave() noexcept {
    state_ = State::done;
    charge(nullptr);
    HttpConnection* connection = std::exchange(connection_, nullptr);
    if (connection) connection->forget(*this);
    return connection;
}

void Exchange::identified() noexcept {
    if (connection_) connection_->establish();
}

void Exchange::admit_body() noexcept {
    if (connection_ && state_ == State::open) connection_->body_admitted(shared_from_this());
}

void Exchange::respond(HttpResponse response) noexcept {
    assert(state_ != State::streaming);
    if (!connection_ || state_ != State::open) return;
    const auto self = shared_from_this();
    add_cross_origin_headers(request_, response.headers);
    leave()->answer(std::move(response), request_.method);
}

void Exchange::begin(HttpResponse head) noexcept {
    assert(state_ != State::streaming);
    if (!connection_ || state_ != State::open) return;
    state_ = State::streaming;
    add_cross_origin_headers(request_, head.headers);
    connection_->begin_answer(head);
    if (request_.method == "HEAD") finish();
}

void Exchange::write(Bytes head, const SharedSlice& tail) noexcept {
    const std::size_t size = head.size() + tail.bytes.size();
    if (!connection_ || state_ != State::streaming || size == 0) return;
    if (!chunked()) return connection_->stream().send({}, head, tail);
    std::array<char, 20> line{};
    char* end = std::to_chars(line.data(), line.data() + 16, size, 16).ptr;
    *end++ = '\r';
    *end++ = '\n';
    connection_->stream().send(as_bytes({line.data(), static_cast<std::size_t>(end - line.data())}), head, tail);
    connection_->stream().send(as_bytes("\r\n"));
}

void Exchange::finish() noexcept {
    if (!connection_ || state_ != State::streaming) return;
    const auto self = weak_from_this().lock();
    if (chunked() && request_.method != "HEAD") connection_->stream().send(as_bytes("0\r\n\r\n"));
    leave()->answered(chunked());
}

void Exchange::abort(CloseReason reason) noexcept {
    const auto self = weak_from_this().lock();
    if (connection_) leave()->cut_off(reason);
}

std::size_t Exchange::queued() const noexcept { return connection_ ? connection_->stream().queued() : 0; }

bool Exchange::wants_more() const noexcept { return !connection_ || connection_->stream().wants_more(); }

void Exchange::charge(Ref<QueueShare> share) noexcept {
    if (connection_) connection_->stream().charge(std::move(share));
}

void Exchange::connection_closed() noexcept {
    const auto self = weak_from_this().lock();
    connection_ = nullptr;
    state_ = State::done;
    const auto told = std::exchange(closed_told_, nullptr);
    writable_told_ = nullptr;
    drain_told_ = nullptr;
    if (told) told();
}

void Exchange::tell_writable() noexcept {
    const auto self = weak_from_this().lock();
    const auto told = writable_told_;
    if (told) told();
}

void Exchange::tell_drain() noexcept {
    const auto self = weak_from_this().lock();
    const auto told = std::exchange(drain_told_, nullptr);
    if (told) told();
}

}  // namespace junctor::web
