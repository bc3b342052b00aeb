#pragma once

#include <memory>

#include "core/ports/stream.hpp"
#include "core/web/chunked_reader.hpp"
#include "core/web/exchange.hpp"
#include "core/web/framing_guard.hpp"
#include "core/web/route_table.hpp"

namespace junctor::web {

/// HTTP/1.1 (RFC 9112) on one stream: one exchange at a time, keep-alive, upgrade to WebSocket. What is pipelined behind a
/// request that waits stays with the driver. Holds nothing but a few words while idle.
class HttpConnection final : public StreamHandler {
public:
    static constexpr Duration idle_timeout = std::chrono::seconds(60);
    /// A body must bring at least `body_minimum` bytes in every `body_window`.
    static constexpr Duration body_window = std::chrono::seconds(10);
    static constexpr std::size_t body_minimum = 10 << 10;

    HttpConnection(Stream& stream, std::shared_ptr<const LiveRoutes> routes) noexcept;
    ~HttpConnection() override;

    std::size_t received(Bytes bytes) noexcept override;
    std::size_t receive_limit() const noexcept override { return 256 << 10; }
    void writable() noexcept override;
    void timed_out() noexcept override;
    bool input_ended() noexcept override;
    void drain() noexcept override;
    void closed(CloseReason reason) noexcept override;

    // The exchange's side.
    Stream& stream() noexcept { return stream_; }
    void forget(Exchange& exchange) noexcept;
    void establish() noexcept;
    void body_admitted(std::shared_ptr<Exchange> exchange) noexcept;
    /// Writes a whole answer and goes on with the next request.
    void answer(HttpResponse response, std::string_view method) noexcept;
    void begin_answer(const HttpResponse& head) noexcept;
    /// An answer is complete. `delimited`: its end can be told without closing.
    void answered(bool delimited) noexcept;
    /// An answer stays incomplete: only the end of the connection can say so.
    void cut_off(CloseReason reason) noexcept;

private:
    enum class Phase : std::uint8_t {
        head,        ///< waits for a request
        admission,   ///< the route decides whether a large body may come
        body,
        answering,   ///< the request is with its route
        discarding,  ///< answered early; reads over the rest so that the answer is not lost to a reset
        over,        ///< closed, or a WebSocket
    };

    /// What only a request under way needs.
    struct Reading {
        FramingGuard guard;
        Framing framing;
        std::shared_ptr<const HttpRoutes> routes;  ///< as they were when the head was complete; holds `route`
        const HttpRoute* route = nullptr;
        std::shared_ptr<Exchange> exchange;  ///< while the body comes
        std::unique_ptr<ChunkedReader> chunks;
        std::size_t limit = 0;
        std::size_t window_start = 0;  ///< body bytes at the start of this window
    };

    std::size_t read_head(Bytes bytes) noexcept;
    /// False: the request is to be served by another core, where its head comes again.
    bool head_complete(std::string_view head) noexcept;
    bool served_elsewhere(const HttpRequest& request, const HttpRoute* route) noexcept;
    void turn_away(std::string_view method) noexcept;
    void upgrade(HttpRequest request, const RouteTable& routes) noexcept;
    void route_request(HttpRequest request, const RouteTable& routes, const RouteTable::Match& match) noexcept;
    void start_body(std::shared_ptr<Exchange> exchange) noexcept;
    void ask_admission(std::shared_ptr<Exchange> exchange) noexcept;
    std::size_t read_body(Bytes bytes) noexcept;
    std::size_t read_length_body(Bytes bytes) noexcept;
    std::size_t read_chunked_body(Bytes bytes) noexcept;
    void dispatch(std::shared_ptr<Exchange> exchange) noexcept;
    void hold_back(std::size_t unconsumed) noexcept;
    void expect_request(Duration deadline) noexcept;
    void refuse(unsigned status, std::string_view detail) noexcept;
    void answer_foreign_page(const HttpRequest& request) noexcept;
    void answer_without_route(const HttpRequest& request, const RouteTable& routes, const std::string& allow) noexcept;
    void close(CloseReason reason) noexcept;
    bool stays_open() const noexcept { return keep_alive_ && !draining_ && (!input_ended_ || leftover_); }

    Stream& stream_;
    std::shared_ptr<const LiveRoutes> routes_;
    std::unique_ptr<Reading> reading_;
    Exchange* current_ = nullptr;
    Phase phase_ = Phase::head;
    bool http11_ = true;
    bool keep_alive_ = true;
    bool body_pending_ = false;  ///< part of the present request has not been read
    bool draining_ = false;
    bool input_ended_ = false;   ///< the client sends no more: closed when what it has sent is answered
    bool in_received_ = false;
    bool leftover_ = false;      ///< bytes stand behind the present request: with the driver, or in what `received` has at hand
    bool paused_ = false;
    bool established_ = false;
};

}  // namespace junctor::web
