#pragma once

#include <list>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>

#include "connectors/vertx/pending_frames.hpp"
#include "connectors/vertx/settings.hpp"
#include "connectors/vertx/wire_form.hpp"
#include "core/ports/authenticator.hpp"
#include "core/ports/gate.hpp"
#include "core/ports/session.hpp"
#include "core/ports/stream.hpp"
#include "core/session/outbox.hpp"

namespace junctor {
struct HttpRequest;
}

namespace junctor::vertx {

/// One client of the event bus bridge: the protocol on its stream and its session in the core. Owned by the stream.
///
/// Life: `admit`; when something may be sent authentication begins, while nothing is read. Whoever showed nothing, and may not come in so, has
/// until the handshake's end to log in by a frame. Then the session opens, without a name.
class Connection final : public StreamHandler, public Session {
public:
    Connection(Stream& stream, Ref<const Settings> settings, WireForm form) noexcept : stream_(stream), settings_(std::move(settings)), form_(form) {}
    ~Connection() override;

    /// `readable`: what was shown could be read. The stream must be able to wait.
    void admit(Credentials credentials, bool readable);

    // StreamHandler
    std::size_t received(Bytes bytes) noexcept override;
    std::size_t receive_limit() const noexcept override;
    void writable() noexcept override;
    void timed_out() noexcept override;
    void drain() noexcept override;
    void closed(CloseReason reason) noexcept override;

    // Session
    std::string_view protocol() const noexcept override { return "vertx"; }
    WireVariant variant(const SubscribeOptions& options) const noexcept override;
    void encode(const Envelope& envelope, WireVariant variant, Template& out) const noexcept override;
    DeliverResult deliver(const Delivery& delivery) noexcept override;
    bool accepts(Qos qos) const noexcept override;
    void settled(Token token, const Receipt& receipt) noexcept override;
    void answered(Token token, const EnvelopePtr& reply) noexcept override;
    void revoked(const TopicFilter& filter, std::string_view reason) noexcept override;
    void close(CloseReason reason, std::string_view text) noexcept override;
    void hold(bool waits) noexcept override;
    void charge(Ref<QueueShare> share) noexcept override;

private:
    enum class Phase : std::uint8_t { fresh, authenticating, waiting, opening, open, closed };

    /// What only coming in needs.
    struct Admission {
        Credentials credentials;
        bool readable = true;
        bool shows_any = false;
        std::string login_reply;  ///< of the login under way
        std::string refusal;
        std::unique_ptr<Authentication> conversation;
        std::unique_ptr<VerdictWait> verdict;
        bool paused = false;
    };

    void begin() noexcept;
    void authenticate(Credentials credentials);
    void authenticated(AuthenticationStep step);
    void enter(PrincipalRef principal);
    void open() noexcept;
    void wait_for_login();
    void log_in(const Frame& frame);
    void refuse_login(const Frame& frame, std::string_view reason);

    std::size_t receive_framed(Bytes bytes) noexcept;
    void frame(std::string_view text) noexcept;
    void frame(const Frame& frame) noexcept;
    void frame_of_stranger(const Frame& frame) noexcept;
    void publish(const Frame& frame) noexcept;
    void register_handler(const Frame& frame) noexcept;
    void unregister_handler(const Frame& frame) noexcept;
    void registered() noexcept;
    void fault(FaultKind kind) noexcept;
    void error(std::string_view reason) noexcept;
    /// A request that waits for its answer.
    struct Asked {
        std::string reply_address;
        std::string address;  ///< that it went to; over TCP only, where a failure names it
    };

    void request_failed(const Asked& asked, const Receipt& receipt) noexcept;
    void fail(const Asked& asked, std::int64_t code, std::string_view type, std::string_view why) noexcept;
    void send_pongs() noexcept;
    void send(const Frame& frame) noexcept;
    void send(ByteBuffer&& message) noexcept;
    void empty_outbox(bool whole) noexcept;
    void pause_if_full() noexcept;
    void resume_if_drained() noexcept;
    bool full() const noexcept;
    bool registering() const noexcept { return registering_.value != 0; }
    void watch_peer() noexcept;
    void leave(CloseReason reason) noexcept;
    DecodeLimits limits() const noexcept;
    Gate& gate() const noexcept;

    Stream& stream_;
    Ref<const Settings> settings_;
    Outbox outbox_;
    std::unique_ptr<Admission> admission_;
    std::set<std::string, std::less<>> handlers_;  ///< registered addresses
    PendingFrames pending_;
    std::unordered_map<std::uint64_t, Asked> requests_;  ///< by token
    std::uint64_t last_token_ = 0;
    Token registering_;                 ///< what comes behind a registration waits until that is in force
    std::list<std::string> backlog_;     ///< of a SockJS message, behind one
    bool waits_to_register_ = false;
    WireForm form_;
    Phase phase_ = Phase::fresh;
    bool paused_ = false;
    bool held_ = false;
    mutable bool turned_down_ = false;  ///< somebody waits for `Gate::ready`
};

/// The protocol for whoever comes by HTTP: by a WebSocket's handshake, or the request that begins a session of SockJS.
std::unique_ptr<StreamHandler> connect_by_http(Stream& stream, const HttpRequest& request, const Ref<const Settings>& settings, WireForm form);

}  // namespace junctor::vertx
