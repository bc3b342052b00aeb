#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "connectors/mqtt/codec.hpp"
#include "connectors/mqtt/receive_window.hpp"
#include "connectors/mqtt/send_window.hpp"
#include "connectors/mqtt/sent_aliases.hpp"
#include "connectors/mqtt/shared_messages.hpp"
#include "connectors/mqtt/topic_aliases.hpp"
#include "core/model/close_reason.hpp"
#include "core/model/envelope.hpp"
#include "core/ports/gate.hpp"

namespace junctor::mqtt {

/// What the server side of MQTT asks of its surroundings, in the order of the calls. Nothing passed to it outlives the call.
class Actions {
public:
    virtual void send(Bytes packet) noexcept = 0;
    /// Ask the gate who this is. Ends in `Machine::answered`; until then the machine takes no further packet.
    virtual void authenticate(const Connect& connect) noexcept = 0;
    /// The client's answer to a challenge; ends in `Machine::answered` too.
    virtual void continue_authentication(Bytes data) noexcept = 0;
    /// Ask again who an open client is (5.0 section 4.12.1); ends in `Machine::answered` too.
    virtual void reauthenticate(std::string_view method, Bytes data) noexcept = 0;
    virtual void publish(Draft&& draft, Token token) noexcept = 0;
    virtual void subscribe(std::span<const SubscribeRequest> requests, Token token) noexcept = 0;
    virtual void unsubscribe(std::span<const TopicFilter> filters, Token token) noexcept = 0;
    /// What the client did with a message of its durable session.
    virtual void acknowledge(std::uint64_t sequence, Progress progress) noexcept = 0;
    /// The client has let go of a QoS 2 message; ends in `Machine::settled`.
    virtual void release(std::uint16_t packet_id, Token token) noexcept = 0;
    /// The client said goodbye: its will is void.
    virtual void forget_will() noexcept = 0;
    /// The client said how long its session is to stay, after all.
    virtual void change_expiry(Duration expiry) noexcept = 0;
    /// End the connection once what was sent is out.
    virtual void hang_up(CloseReason reason) noexcept = 0;

protected:
    ~Actions() = default;
};

/// The rules of one client's connection, server side (chapters 3 and 4 of MQTT 3.1.1 and 5.0). Packets and the gate's answers come
/// in, actions go out; no I/O, no clock, no threads. Small at rest: what most connections never use is allocated when first used.
class Machine {
public:
    /// What is the same for all connections of a listener.
    struct Rules {
        std::uint16_t receive_maximum = 20;
        std::uint16_t max_keep_alive_s = UINT16_MAX;  ///< less: announced as Server Keep Alive
        std::uint16_t in_flight = 1'000;              ///< most messages unacknowledged towards a client
        std::uint32_t filters_per_packet = 1'000;
        std::uint32_t headers = 256;
        std::uint32_t announced_packet_size = 0;      ///< Maximum Packet Size in CONNACK; 0: not announced
        Duration max_session_expiry = Duration::max();  ///< longest; what 3.1.1 clients that do not ask for a clean session get
        std::string response_prefix;                  ///< Response Information is this and the client identifier; empty: none
        std::string server_reference;                 ///< where clients that are sent away may go; empty: nobody says
        bool server_moved = false;                    ///< everybody is sent there
        bool checks_text = false;                     ///< a payload that claims to be UTF-8 and is not is refused (0x99)
    };

    /// What became of the session of a client that was let in.
    struct Welcome {
        TenantId tenant;
        std::string_view name;        ///< of the session
        bool name_is_assigned = false;  ///< the client came without one
        const Opened& found;
    };

    explicit Machine(const Rules& rules) noexcept;
    ~Machine();

    /// One whole packet. Only while `reads()`.
    void received(const Frame& frame, Actions& actions) noexcept;
    /// False while the gate's answer is awaited, to who this is or to a subscription, while too many messages wait to be settled, and
    /// after the end: keep the bytes.
    bool reads() const noexcept;
    bool is_open() const noexcept { return state_ == State::open; }
    bool awaits_answer() const noexcept;

    /// The fixed header cannot be read, or announces more than the limit.
    void refuse(ReasonCode reason, Actions& actions) noexcept;

    /// The gate has answered `authenticate`, `reauthenticate` or `continue_authentication`. True: it is allowed; of a connection that
    /// is not open yet, `opened` or `refused` comes next.
    bool answered(const AuthenticationStep& step, Actions& actions) noexcept;
    /// What the client asked of its session, and its will, if any; between `answered` and `opened`.
    SessionTerms terms() const noexcept;
    std::unique_ptr<junctor::Will> take_will() noexcept;
    /// The session is open.
    void opened(const Welcome& welcome, Actions& actions) noexcept;
    /// It could not be opened.
    void refused(ReasonCode reason, std::string_view text, Actions& actions) noexcept;

    /// What came with `token` is done.
    void settled(Token token, const Receipt& receipt, Actions& actions) noexcept;

    /// May a message of this QoS go out now?
    bool takes(Qos qos) const noexcept { return qos == Qos::at_most_once || !sending_ || sending_->open(); }
    /// The packet identifier for the next message of QoS 1 or 2. With the sequence of a durable session's message: 0 while an older one
    /// has the same identifier.
    std::uint16_t begin(Qos qos, std::uint64_t sequence = 0) noexcept;
    /// A QoS 1 message with that identifier came by a shared subscription.
    void share(std::uint16_t packet_id, HandedBack message) noexcept;
    /// Those of them that are not acknowledged.
    std::vector<HandedBack> hand_back() noexcept { return shared_ ? shared_->take() : std::vector<HandedBack>(); }
    /// The client has a QoS 2 message of its durable session since its last connection: only PUBREL is due.
    void release_again(std::uint64_t sequence, Actions& actions) noexcept;
    /// `Progress::received` stands durably.
    void released(std::uint64_t sequence, Actions& actions) noexcept;
    /// The alias for the next message on that topic; none for most clients.
    SentAliases::Alias alias_for(const Topic& topic) noexcept;
    /// The message that was to tell the client of this alias was not sent.
    void forget_alias(std::uint16_t number) noexcept { sent_aliases_->forget(number); }
    /// Has the client asked where in a history its messages are?
    bool shows_positions() const noexcept { return shows_positions_; }
    /// Largest packet that the client takes.
    std::uint32_t client_packet_limit() const noexcept { return client_packet_limit_; }

    /// The gateway ends the connection: DISCONNECT where the version has one, then close. `text` only from the policy.
    void end(CloseReason reason, std::string_view text, Actions& actions) noexcept;
    Version version() const noexcept { return version_; }
    /// What the client must not be silent for longer than, x1.5 (section 3.1.2.10); 0: for ever.
    Duration silence_limit() const noexcept { return std::chrono::milliseconds(1'500) * keep_alive_s_; }

private:
    enum class State : std::uint8_t { connecting, asking, challenged, opening, open, ended };
    struct Handshake;
    struct Pending;
    struct Question;

    void connect(const Frame& frame, Actions& actions) noexcept;
    ReasonCode check(const Connect& connect) const noexcept;
    void keep(const Connect& connect) noexcept;
    ReasonCode keep_will(const Will& will) noexcept;
    void continue_with(const Frame& frame, Actions& actions) noexcept;
    bool let_in(const AuthenticationStep& step, Actions& actions) noexcept;
    void turn_away(ReasonCode reason, std::string_view text, Actions& actions) noexcept;
    void authenticate_again(const Frame& frame, Actions& actions) noexcept;
    void send_auth(ReasonCode reason, Bytes data, Actions& actions) noexcept;
    void describe_session(const Welcome& welcome, ByteBuffer& properties) const noexcept;
    void send_connack(ReasonCode reason, bool session_present, Bytes properties, Actions& actions) noexcept;
    void dispatch(const Frame& frame, Actions& actions) noexcept;
    void publish(const Frame& frame, Actions& actions) noexcept;
    std::string_view topic_of(const Publish& publish) noexcept;
    bool admits(const Publish& publish, Actions& actions) noexcept;
    void hand_over(const Publish& publish, Draft&& draft, Actions& actions) noexcept;
    void refuse_payload(const Publish& publish, Actions& actions) noexcept;
    void published(const Question& question, const Receipt& receipt, Actions& actions) noexcept;
    void settle_publish(const Question& question, ReasonCode reason, std::string_view text, Actions& actions) noexcept;
    void answer_publish(const ReceiveWindow::Answer& answer, std::string_view text, Actions& actions) noexcept;
    void subscribe(const Frame& frame, Actions& actions) noexcept;
    void unsubscribe(const Frame& frame, Actions& actions) noexcept;
    void filters_settled(const Question& question, const Receipt& receipt, Actions& actions) noexcept;
    void answer_filters(const Pending& pending, std::string_view text, Actions& actions) noexcept;
    void acknowledged(const Frame& frame, Actions& actions) noexcept;
    void received_pubrec(const Ack& ack, Actions& actions) noexcept;
    void received_pubrel(const Ack& ack, Actions& actions) noexcept;
    void let_go(std::uint16_t packet_id, Actions& actions) noexcept;
    void released(std::uint16_t packet_id, const Receipt& receipt, Actions& actions) noexcept;
    void received_last(const Ack& ack, SendWindow::Wait expected, Actions& actions) noexcept;
    void finish_sent(std::uint16_t packet_id, std::uint64_t sequence, Actions& actions) noexcept;
    SendWindow& sending() noexcept;
    ReceiveWindow& receiving() noexcept;
    void ping(const Frame& frame, Actions& actions) noexcept;
    void disconnect(const Frame& frame, Actions& actions) noexcept;
    void send_disconnect(ReasonCode reason, std::string_view text, Actions& actions) noexcept;
    bool send_packet(const Packet& packet, Actions& actions) noexcept;
    bool shows(std::string_view text, std::size_t others = 0) const noexcept;
    void send_ack(PacketType type, std::uint16_t packet_id, ReasonCode reason, Actions& actions) noexcept;
    void fail(ReasonCode reason, Actions& actions) noexcept;
    void finish(CloseReason reason, Actions& actions) noexcept;
    Duration bounded(std::uint32_t expiry_s) const noexcept;

    const Rules* rules_;
    std::unique_ptr<Handshake> handshake_;  ///< until CONNACK; for clients with an authentication method, as long as they stay
    std::unique_ptr<SendWindow> sending_;
    std::unique_ptr<SharedMessages> shared_;
    std::unique_ptr<ReceiveWindow> receiving_;
    std::unique_ptr<TopicAliases> aliases_;
    std::unique_ptr<SentAliases> sent_aliases_;
    std::unique_ptr<Pending> pending_;  ///< the SUBSCRIBE or UNSUBSCRIBE that the gate works on; what follows waits
    TenantId tenant_;
    std::uint32_t client_packet_limit_ = UINT32_MAX;
    std::uint16_t keep_alive_s_ = 0;
    std::uint16_t receive_maximum_ = UINT16_MAX;  ///< the client's
    std::uint16_t alias_maximum_ = 0;             ///< the client's
    State state_ = State::connecting;
    Version version_ = Version::v3_1_1;
    bool wants_reasons_ = true;   ///< Request Problem Information
    bool had_expiry_ = false;     ///< CONNECT asked for a session that outlives the connection
    bool keeps_session_ = false;  ///< it does: exactly once holds across connections
    bool shows_positions_ = false;
    bool handing_over_ = false;   ///< a QoS 1 or 2 message, to the gate
};

}  // namespace junctor::mqtt
