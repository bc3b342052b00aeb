#pragma once

#include <memory>

#include "core/ports/http.hpp"
#include "core/web/framing_guard.hpp"

namespace junctor::web {

class HttpConnection;

/// One request on an HttpConnection and its one answer. Outlives the connection if somebody keeps it; it then writes nowhere.
class Exchange final : public HttpExchange, public std::enable_shared_from_this<Exchange> {
public:
    Exchange(HttpConnection& connection, Core& core, HttpRequest request, const Framing& framing)
        : connection_(&connection), core_(core), request_(std::move(request)), framing_(framing) {}
    ~Exchange() override;

    const HttpRequest& request() const noexcept override { return request_; }
    Core& core() const noexcept override { return core_; }
    void identified() noexcept override;
    void admit_body() noexcept override;
    void respond(HttpResponse response) noexcept override;
    void begin(HttpResponse head) noexcept override;
    void write(Bytes head, const SharedSlice& tail) noexcept override;
    void finish() noexcept override;
    void abort(CloseReason reason) noexcept override;
    std::size_t queued() const noexcept override;
    bool wants_more() const noexcept override;
    void charge(Ref<QueueShare> share) noexcept override;
    void on_closed(std::function<void()> told) override { closed_told_ = std::move(told); }
    void on_writable(std::function<void()> told) override { writable_told_ = std::move(told); }
    void on_drain(std::function<void()> told) override { drain_told_ = std::move(told); }

    // The connection's side.
    const Framing& framing() const noexcept { return framing_; }
    bool streaming() const noexcept { return state_ == State::streaming; }
    ByteBuffer& body() noexcept { return request_.body; }
    void connection_closed() noexcept;
    void tell_writable() noexcept;
    void tell_drain() noexcept;

private:
    enum class State : std::uint8_t { open, streaming, done };

    bool chunked() const noexcept { return framing_.http11; }
    /// The connection, for the last time; the exchange is over.
    HttpConnection* leave() noexcept;

    HttpConnection* connection_;
    Core& core_;
    HttpRequest request_;
    Framing framing_;
    State state_ = State::open;
    std::function<void()> closed_told_;
    std::function<void()> writable_told_;
    std::function<void()> drain_told_;
};

}  // namespace junctor::web
