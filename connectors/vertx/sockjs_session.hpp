#pragma once

#include <list>
#include <memory>
#include <string>

#include "connectors/vertx/sockjs_transport.hpp"
#include "core/ports/stream.hpp"
#include "core/runtime/timer_wheel.hpp"
#include "core/session/queue_charge.hpp"

namespace junctor::vertx {

/// A session of SockJS without a WebSocket: a stream of messages made of many requests, one that waits for frames and one for each message to
/// us. All of them are served by its core. Between two that wait, frames are kept; when none comes the session is over.
class SockJsSession final : public Stream {
public:
    /// How long a session lives without a client that waits for frames (SockJS 0.3.3, "disconnect delay").
    static constexpr Duration absence = std::chrono::seconds(5);
    /// An answer that goes on ends after so much, so that a browser can let go of it.
    static constexpr std::size_t answer_bytes = 128 << 10;

    class Owner {
    public:
        /// The protocol has said who is there.
        virtual void known() noexcept = 0;
        /// Destroys the session, from within this call.
        virtual void over(const std::string& name) noexcept = 0;

    protected:
        ~Owner() = default;
    };

    SockJsSession(Owner& owner, Core& core, std::string name, Peer peer);
    ~SockJsSession();

    /// Takes the protocol, as the driver does.
    void attach(std::unique_ptr<StreamHandler> handler) noexcept { handler_ = std::move(handler); }
    /// This exchange waits for frames.
    void wait_on(const std::shared_ptr<HttpExchange>& exchange, SockJsTransport transport) noexcept;
    /// This one brings a message.
    void take(std::shared_ptr<HttpExchange> exchange) noexcept;
    void drain() noexcept;
    bool known() const noexcept { return known_; }

    // Stream: one `send` is one frame.
    void send(Bytes bytes) noexcept override { send({}, bytes, {}); }
    void send(Bytes head, Bytes middle, const SharedSlice& tail) noexcept override;
    std::size_t queued() const noexcept override;
    bool wants_more() const noexcept override { return queued() < high_water && !charge_.full(); }
    void charge(Ref<QueueShare> share) noexcept override { charge_.use(std::move(share)); }
    void close(CloseReason reason, std::string_view text) noexcept override;
    void abort(CloseReason reason) noexcept override;
    void pause_reading() noexcept override { ++pauses_; }
    void resume_reading() noexcept override;
    void set_deadline(Duration delay) noexcept override;
    TimePoint last_received() const noexcept override { return last_received_; }
    Peer peer() const override { return peer_; }
    Core& core() const noexcept override { return core_; }
    void move_to(CoreId) noexcept override {}
    void become_websocket(WebSocketMode, bool, std::unique_ptr<StreamHandler>) noexcept override {}
    void established() noexcept override;

private:
    static constexpr std::size_t high_water = 128 << 10;

    class Alarm final : public Timer {
    public:
        using Call = void (SockJsSession::*)() noexcept;
        Alarm(SockJsSession& session, Call call) noexcept : session_(session), call_(call) {}
        void expired(TimePoint) noexcept override { (session_.*call_)(); }

    private:
        SockJsSession& session_;
        Call call_;
    };

    void timed_out() noexcept;
    void absent() noexcept;
    void turn() noexcept;
    void soon() noexcept;
    void flush() noexcept;
    void flush_one() noexcept;
    void flush_on() noexcept;
    std::string next_frame() noexcept;
    void waits_no_more() noexcept;
    void client_gone() noexcept;
    void end(CloseReason reason) noexcept;
    void tell_closed() noexcept;
    void hand_over() noexcept;

    Owner& owner_;
    Core& core_;
    std::string name_;
    Peer peer_;
    std::unique_ptr<StreamHandler> handler_;
    std::list<std::string> frames_;
    std::size_t bytes_ = 0;    ///< of them
    QueueCharge charge_;       ///< for what a turn leaves, in the answer under way too
    std::string last_word_;    ///< the frame that says that the session is over, for whoever still asks
    std::shared_ptr<HttpExchange> waiting_;
    SockJsTransport transport_ = SockJsTransport::xhr;
    std::size_t written_ = 0;  ///< in the answer that goes on
    std::list<std::shared_ptr<HttpExchange>> brought_;  ///< messages that wait while nothing is read
    std::size_t brought_bytes_ = 0;
    std::uint32_t pauses_ = 0;
    CloseReason reason_ = CloseReason::connection_lost;
    TimePoint last_received_;
    bool closing_ = false;
    bool full_ = false;
    bool known_ = false;
    Alarm deadline_{*this, &SockJsSession::timed_out};
    Alarm absence_{*this, &SockJsSession::absent};
    Alarm turn_{*this, &SockJsSession::turn};
};

}  // namespace junctor::vertx
