#pragma once

#include <map>
#include <set>

#include "connectors/mqtt/codec.hpp"
#include "tests/simulation/stream_client.hpp"

namespace junctor::simulation {

/// MQTT 3.1.1 or 5.0, by the connector's own codec. Acknowledges what it gets, at QoS 2 in both steps. Half of them have a durable session
/// under a name of their own, to which they come back; some leave a will.
class MqttClient final : public StreamClient {
public:
    MqttClient(Surroundings around, std::string name, StreamFactory factory);

    void connect(const std::string& session_name) override;
    bool awaited() const override { return session_ != 0; }
    void forgotten() override;

private:
    struct Pending {
        enum class What : std::uint8_t { publish, release, subscribe, unsubscribe } what;
        std::size_t index;
    };

    bool knows(Kind kind) const override { return kind == Kind::publish; }
    Qos most_qos() const override { return Qos::exactly_once; }
    void send_publication(std::size_t number) override;
    void send_subscribe(std::size_t subscription) override;
    void send_unsubscribe(std::size_t subscription) override;
    void send_reply(const std::string& reply_to, const std::string& correlation, const std::string& payload) override;
    std::size_t read(Bytes bytes) override;
    void forget() override;
    /// MQTT 3.1.1 has no word for it, nor has whoever was not let in yet.
    bool heard_why() const override { return !v5() || !greeted_ || dismissed_; }

    void take(const mqtt::Frame& frame);
    void take_ack(const mqtt::Ack& ack);
    void answer(mqtt::PacketType type, std::uint16_t packet_id);
    void take_message(const mqtt::Publish& message);
    void greeted(const mqtt::Connack& connack);
    bool holds_something() const;
    void settle(std::uint16_t packet_id, bool well);
    void write(const mqtt::Packet& packet, std::optional<std::size_t> number = {});
    std::uint16_t expect(Pending pending);
    bool v5() const noexcept { return version_ == mqtt::Version::v5; }

    StreamFactory factory_;
    const bool durable_;
    std::size_t session_ = 0;              ///< of the gateway's, as far as the client knows
    std::set<std::uint16_t> unreleased_;   ///< QoS 2 messages that it has; kept with its session
    std::optional<std::size_t> will_;      ///< the publication that it becomes
    bool greeted_ = false;
    bool dismissed_ = false;               ///< by a DISCONNECT that says that the gateway goes
    mqtt::Version version_ = mqtt::Version::v5;
    std::uint16_t last_id_ = 0;
    std::map<std::uint16_t, Pending> pending_;
};

}  // namespace junctor::simulation
