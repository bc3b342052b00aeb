#include "tests/support/fake_stream.hpp"

#include "core/runtime/core.hpp"

namespace junctor::test {

void FakeStream::keep(std::initializer_list<Bytes> parts) {
    if (closed_as) return;
    ByteBuffer message;
    for (const Bytes part : parts) append(message, part);
    append(sent, Bytes(message));
    if (stalled) unwritten_ += message.size();
    messages.push_back(std::move(message));
}

void FakeStream::send(Bytes bytes) noexcept { keep({bytes}); }

void FakeStream::send(Bytes head, Bytes middle, const SharedSlice& tail) noexcept { keep({head, middle, tail.bytes}); }

void FakeStream::close(CloseReason reason, std::string_view text) noexcept {
    if (closed_as) return;
    closed_as = reason;
    closed_text = text;
}

void FakeStream::abort(CloseReason reason) noexcept {
    if (!closed_as) closed_as = reason;
    aborted = true;
}

TimePoint FakeStream::last_received() const noexcept { return last_received_; }

void FakeStream::become_websocket(WebSocketMode mode, bool, std::unique_ptr<StreamHandler> next) noexcept {
    is_websocket = true;
    message_mode = mode == WebSocketMode::messages;
    next_handler_ = std::move(next);
}

void FakeStream::receive(Bytes bytes) {
    if (closed_as) return;
    last_received_ = core_->now();
    if (message_mode) {
        handler_->received(bytes);
        return;
    }
    append(pending_, bytes);
    const std::size_t consumed = handler_->received(pending_);
    pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(consumed));
    if (next_handler_) handler_ = std::move(next_handler_);
}

void FakeStream::unstall() {
    stalled = false;
    unwritten_ = 0;
    if (handler_) handler_->writable();
}

void FakeStream::arrive(Core& core) {
    core_ = &core;
    moved_to.reset();
    handler_->arrived();
    if (pending_.empty()) return;
    const ByteBuffer rest = std::move(pending_);
    pending_.clear();
    receive(rest);
}

void FakeStream::finish(std::optional<CloseReason> reason) {
    if (!handler_) return;
    if (!closed_as && !reason) return;
    if (!closed_as) closed_as = reason;
    handler_->closed(*closed_as);
    handler_.reset();
}

}  // namespace junctor::test
