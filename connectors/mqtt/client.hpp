#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <string>

#include "connectors/mqtt/codec.hpp"
#include "core/ports/client.hpp"
#include "core/runtime/blocking_stream.hpp"

namespace junctor::mqtt {

/// The universal client's MQTT 5.0: one clean session, packets of all QoS levels, requests by Response Topic.
class MqttClient final : public Client {
public:
    /// Says CONNECT on a stream that is connected. Throws ClientError when the server refuses.
    MqttClient(std::unique_ptr<BlockingStream> stream, ClientOptions options);
    ~MqttClient() override;

    void publish(const ClientMessage& message) override;
    void subscribe(const std::string& filter, Qos qos) override;
    void unsubscribe(const std::string& filter) override;
    HistoryOutcome outcome() const override { return outcome_; }
    std::optional<ClientMessage> receive(Duration wait) override;
    ClientMessage request(const ClientMessage& message, Duration wait) override;
    void reply(const ClientMessage& to, ClientMessage answer) override;

private:
    using Wanted = std::function<bool(const Packet&)>;

    void connect();
    void send(const Packet& packet);
    /// Reads until `wanted` has taken a packet; keeps messages that come meanwhile. ClientError after the options' timeout.
    void await(std::string_view what, const Wanted& wanted);
    /// One packet to `wanted` or to where it belongs. False after `wait` without one.
    bool step(Duration wait, const Wanted& wanted);
    bool read_frame(Duration wait, Frame& frame);
    void handle(const Packet& packet);
    struct Arrived {
        ClientMessage message;
        std::uint16_t unacknowledged = 0;  ///< packet identifier of what is acknowledged when it is handed out; 0: none
    };

    bool durable() const noexcept { return options_.session_expiry > Duration::zero(); }
    void take(const Publish& publish);
    ClientMessage hand_out(std::deque<Arrived>::iterator arrived);
    void await_ack(PacketType type, std::uint16_t packet_id);
    void await_codes(PacketType type, std::uint16_t packet_id, const std::string& filter);
    std::uint16_t next_packet_id() noexcept;

    std::unique_ptr<BlockingStream> stream_;
    ClientOptions options_;
    HistoryOutcome outcome_;
    ByteBuffer unread_;
    std::size_t used_ = 0;                ///< of `unread_`: the packet last handed out
    std::deque<Arrived> messages_;
    std::set<std::uint16_t> unreleased_;  ///< QoS 2 messages whose PUBREL has not come
    std::string reply_topic_;             ///< subscribed for the first request
    std::uint16_t last_packet_id_ = 0;
};

}  // namespace junctor::mqtt
