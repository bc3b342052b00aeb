#pragma once

#include <memory>
#include <string>

#include "connectors/websocket/machine.hpp"
#include "connectors/websocket/settings.hpp"
#include "core/base/ring.hpp"
#include "core/ports/authenticator.hpp"
#include "core/ports/gate.hpp"
#include "core/ports/session.hpp"
#include "core/ports/stream.hpp"
#include "core/session/outbox.hpp"

namespace junctor::websocket {

/// One client: the protocol on its stream and its session in the core. Owned by the stream.
///
/// Life: authentication begins with `admit`, while nothing is read. Whoever showed nothing, and may not come in so, has until the
/// handshake's end to show something in an `auth` frame. The first other frame opens the session: a `hello` or `session` on the home core
/// of the name it gives, any other here and without a name. An `auth` in an open session makes what is known of its principal last longer.
class Connection final : public StreamHandler, public Session {
public:
    /// `cloud_events`: it is shown messages as CloudEvents.
    Connection(Stream& stream, Ref<const Settings> settings, bool cloud_events = false) noexcept
        : stream_(stream), settings_(std::move(settings)), cloud_events_(cloud_events) {}
    ~Connection() override;

    /// Begins authentication. The stream must be able to wait and must not be sent to yet: the handshake's answer comes first.
    void admit(Credentials credentials);
    /// For an upgrade that cannot be understood: refuses as soon as something may be sent.
    void refuse(std::string reason, CloseReason as = CloseReason::not_authenticated);

    // StreamHandler
    std::size_t received(Bytes bytes) noexcept override;
    std::size_t receive_limit() const noexcept override;
    void writable() noexcept override;
    void timed_out() noexcept override;
    void arrived() noexcept override;
    bool input_ended() noexcept override;
    void drain() noexcept override;
    void closed(CloseReason reason) noexcept override;

    // Session
    std::string_view protocol() const noexcept override { return "websocket"; }
    std::string_view name() const noexcept override { return name_ ? std::string_view(*name_) : std::string_view(); }
    WireVariant variant(const SubscribeOptions& options) const noexcept override;
    void encode(const Envelope& envelope, WireVariant variant, Template& out) const noexcept override;
    DeliverResult deliver(const Delivery& delivery) noexcept override;
    bool accepts(Qos qos) const noexcept override;
    std::vector<HandedBack> hand_back() noexcept override { return outbox_.hand_back(); }
    void settled(Token token, const Receipt& receipt) noexcept override;
    void answered(Token token, const EnvelopePtr& reply) noexcept override;
    void revoked(const TopicFilter& filter, std::string_view reason) noexcept override;
    void history_read(Token token, const HistoryPage& page) noexcept override;
    void close(CloseReason reason, std::string_view text) noexcept override;
    void hold(bool waits) noexcept override;
    void charge(Ref<QueueShare> share) noexcept override;

private:
    enum class Phase : std::uint8_t {
        authenticating,
        refused,
        waiting,  ///< for an `auth`
        admitted,
        moving,
        open,
        closed
    };

    /// What only coming in needs; gone when it is over.
    struct Admission {
        std::unique_ptr<Authentication> conversation;
        std::string refusal;
        CloseReason refused_as = CloseReason::not_authenticated;
        bool asked = false;  ///< whether it may open a session
        bool known = false;
        std::unique_ptr<VerdictWait> verdict;
        Token auth;                ///< the frame that awaits its answer; none: the upgrade does
        bool shows_any = false;    ///< the upgrade did
        bool challenged = false;   ///< the next `auth` is an answer
    };

    /// What only a durable session needs.
    struct Durable {
        SessionTerms terms;
        std::size_t window = 0;
        Ring<std::uint64_t> unacknowledged;  ///< ascending
    };

    void authenticated(AuthenticationStep step);
    void upgrade_authenticated(AuthenticationStep step);
    void wait_for_auth(std::string refusal);
    void enter(PrincipalRef principal);
    void authenticate(const Machine::Step& step) noexcept;
    void begin_authentication(Credentials credentials);
    void auth_ended(Token token, AuthenticationStep step);
    void challenge(Token token, Bytes data);
    void perform(const Machine::Step& step) noexcept;
    void name_session(const Machine::Step& step) noexcept;
    void publish(const Machine::Step& step) noexcept;
    void publish_event(const Machine::Step& step) noexcept;
    void publish(const Machine::Step& step, Result<Draft>&& draft) noexcept;
    /// Views of the envelope and of `event`.
    Message shown(const Envelope& envelope, ByteBuffer& event) const noexcept;
    void subscribe(const Machine::Step& step) noexcept;
    void unsubscribe(const Machine::Step& step) noexcept;
    void read_history(const Machine::Step& step) noexcept;
    void end_session(const Machine::Step& step) noexcept;
    void acknowledge(std::uint64_t sequence) noexcept;
    void fail(const Machine::Step& step, Errc code, std::string_view reason = {}) noexcept;
    bool known_to_open() noexcept;
    void enter() noexcept;
    bool open() noexcept;
    void leave(CloseReason reason) noexcept;
    void send(ByteBuffer&& frame) noexcept;
    void send_message(Qos qos, bool retain, const Template& encoded) noexcept;
    void send_numbered(const Delivery& delivery) noexcept;
    void empty_outbox(bool whole) noexcept;
    void pause_if_full() noexcept;
    void resume_if_drained() noexcept;
    Duration ping_interval() const noexcept { return settings_->ping_interval; }
    void watch_peer() noexcept;
    void close_if_answered() noexcept;
    Gate& gate() const noexcept;

    Stream& stream_;
    Ref<const Settings> settings_;
    Machine machine_;
    Outbox outbox_;
    std::unique_ptr<Admission> admission_;
    std::unique_ptr<std::string> name_;
    std::unique_ptr<Durable> durable_;
    Token naming_;
    Phase phase_ = Phase::authenticating;
    bool cloud_events_ : 1;
    bool paused_ : 1 = false;
    bool held_ : 1 = false;         ///< the gate wants nothing more read for now
    bool resumed_ : 1 = false;      ///< what was kept under the name is there
    bool pinged_ : 1 = false;
    bool shows_places_ : 1 = false;  ///< the client has asked where in a history its messages are
    mutable bool turned_down_ : 1 = false;  ///< somebody waits for `Gate::ready`
    bool input_ended_ : 1 = false;  ///< closed when everything is answered
};

}  // namespace junctor::websocket
