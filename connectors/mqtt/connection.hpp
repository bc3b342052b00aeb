#pragma once

#include <memory>

#include "connectors/mqtt/compact_text.hpp"
#include "connectors/mqtt/conversation.hpp"
#include "connectors/mqtt/machine.hpp"
#include "connectors/mqtt/publish_template.hpp"
#include "connectors/mqtt/settings.hpp"
#include "core/ports/gate.hpp"
#include "core/ports/session.hpp"
#include "core/ports/stream.hpp"
#include "core/session/outbox.hpp"

namespace junctor::mqtt {

/// One MQTT client: carries packets between its stream, the machine and the gate, and is the session that the core delivers to.
/// The stream owns it. Lives on the core where its handshake ran, and moves once, to the home of its client identifier.
class Connection final : public StreamHandler, public Session, private Actions {
public:
    Connection(Stream& stream, Ref<const Settings> settings) noexcept;
    ~Connection() override;

    std::size_t received(Bytes bytes) noexcept override;
    std::size_t receive_limit() const noexcept override;
    void writable() noexcept override;
    void timed_out() noexcept override;
    void arrived() noexcept override;
    void drain() noexcept override;
    void closed(CloseReason reason) noexcept override;

    std::string_view protocol() const noexcept override { return "mqtt"; }
    std::string_view name() const noexcept override { return name_.view(); }
    WireVariant variant(const SubscribeOptions& options) const noexcept override;
    void encode(const Envelope& envelope, WireVariant variant, Template& out) const noexcept override;
    DeliverResult deliver(const Delivery& delivery) noexcept override;
    bool accepts(Qos qos) const noexcept override;
    void released(std::uint64_t sequence) noexcept override;
    std::vector<HandedBack> hand_back() noexcept override;
    void settled(Token token, const Receipt& receipt) noexcept override;
    void answered(Token token, const EnvelopePtr& reply) noexcept override;
    void close(CloseReason reason, std::string_view text) noexcept override;
    void hold(bool waits) noexcept override;
    void charge(Ref<QueueShare> share) noexcept override;

private:
    void send(Bytes packet) noexcept override;
    void authenticate(const Connect& connect) noexcept override;
    void continue_authentication(Bytes data) noexcept override;
    void reauthenticate(std::string_view method, Bytes data) noexcept override;
    void publish(Draft&& draft, Token token) noexcept override;
    void subscribe(std::span<const SubscribeRequest> requests, Token token) noexcept override;
    void unsubscribe(std::span<const TopicFilter> filters, Token token) noexcept override;
    void acknowledge(std::uint64_t sequence, Progress progress) noexcept override;
    void release(std::uint16_t packet_id, Token token) noexcept override;
    void forget_will() noexcept override;
    void change_expiry(Duration expiry) noexcept override;
    void hang_up(CloseReason reason) noexcept override;

    bool next_frame(Bytes bytes, Frame& frame) noexcept;
    void turn_away() noexcept;
    void ask_gate(Credentials credentials) noexcept;
    bool take_answer() noexcept;
    void renew(AuthenticationStep step) noexcept;
    void take_step(AuthenticationStep step) noexcept;
    void go_home(PrincipalRef principal) noexcept;
    void assign_name() noexcept;
    void hold_reading() noexcept;
    void await(Verb verb, std::string_view object, void (Connection::*then)()) noexcept;
    void admitted() noexcept;
    void enter() noexcept;
    void go_on_reading() noexcept;
    bool leave_will(std::unique_ptr<junctor::Will> will) noexcept;
    void write(const Delivery& delivery) noexcept;
    void drop_too_large(const Delivery& delivery, SentAliases::Alias alias) noexcept;
    void pump() noexcept;
    void pump_outbox() noexcept;
    void leave(CloseReason reason) noexcept;
    Core& core() const noexcept { return stream_.core(); }

    Stream& stream_;
    Ref<const Settings> settings_;
    std::unique_ptr<Conversation> conversation_;  ///< while the gate finds out who the client is
    CompactText name_;
    Outbox outbox_;
    Machine machine_;
    bool open_ = false;           ///< between Gate::open and Gate::close
    bool name_assigned_ = false;  ///< the client came without a name
    bool holds_reading_ = false;
    bool held_ = false;           ///< by the gate
    mutable bool turned_down_ = false;  ///< the gate keeps messages until `Gate::ready`
};

}  // namespace junctor::mqtt
