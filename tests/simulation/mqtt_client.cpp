#include "tests/simulation/mqtt_client.hpp"

#include <algorithm>
#include <stdexcept>

#include "connectors/mqtt/property_writer.hpp"

namespace junctor::simulation {
namespace {

using mqtt::PropertyId;

ByteBuffer filter_block(const std::string& filter, std::optional<Qos> qos) {
    ByteBuffer block{static_cast<std::uint8_t>(filter.size() >> 8), static_cast<std::uint8_t>(filter.size())};
    append(block, filter);
    if (qos) block.push_back(static_cast<std::uint8_t>(*qos));
    return block;
}

}  // namespace

MqttClient::MqttClient(Surroundings around, std::string name, StreamFactory factory)
    : StreamClient(around, std::move(name)), factory_(std::move(factory)), durable_(random().below(2) == 0) {}

void MqttClient::connect(const std::string& session_name) {
    version_ = random().below(3) == 0 ? mqtt::Version::v3_1_1 : mqtt::Version::v5;
    const std::string own = durable_ ? "durable-" + name() : session_name;
    begin_life("mqtt", own, v5());
    history().lives[life()].session = session_;
    attach(factory_, false);
    mqtt::Connect packet;
    packet.version = version_;
    packet.client_id = own;
    packet.clean_start = !durable_;
    ByteBuffer block, will_block;
    if (durable_ && v5()) mqtt::PropertyWriter(block).number(PropertyId::session_expiry_interval, UINT32_MAX);
    packet.properties = mqtt::Properties(Bytes(block));
    std::string will_topic, will_payload;
    if (random().below(3) == 0) {
        will_ = note_publication(random().below(2) == 0 ? "a/b" : "b/x", static_cast<Qos>(random().below(3)), Kind::publish, false);
        publication(*will_).will = true;
        const Publication& left = publication(*will_);
        will_topic = left.topic;
        will_payload = std::to_string(*will_);
        if (v5()) mqtt::PropertyWriter(will_block).text(PropertyId::content_type, left.content_type);
        packet.will = mqtt::Will{will_topic, as_bytes(will_payload), mqtt::Properties(Bytes(will_block)), static_cast<std::uint8_t>(left.qos), false};
    }
    packet.keep_alive_s = random().below(4) == 0 ? 60 : 0;
    write(packet);
}

/// A session that is not there any more must not have promised anything. One may be there of which no answer ever told.
void MqttClient::greeted(const mqtt::Connack& connack) {
    greeted_ = true;
    if (will_) publication(*will_).left = history().step();
    if (durable_ && (!connack.session_present || session_ == 0)) {
        if (holds_something()) throw std::logic_error("the gateway lost the session " + name());
        session_ = ++history().sessions;
        history().lives[life()].session = session_;
    }
    if (!connack.session_present) unreleased_.clear();
    opened();
}

bool MqttClient::holds_something() const {
    const History& all = around().history;
    return session_ != 0 && std::any_of(all.subscriptions.begin(), all.subscriptions.end(), [&](const Subscription& each) {
        return all.lives[each.life].session == session_ && each.granted != 0 && each.left == 0;
    });
}

/// A will that was due since all was at rest last may not be out yet, and is gone.
void MqttClient::forgotten() {
    for (Publication& each : history().publications)
        if (each.will && history().lives[each.life].client == name() && each.sent > history().rules.back().from) each.acknowledged = 0;
    for (Subscription& each : history().subscriptions) {
        if (session_ == 0 || history().lives[each.life].session != session_ || each.left != 0) continue;
        each.left = history().step();
        if (each.leaving == 0) each.leaving = each.left;
    }
    session_ = 0;
    unreleased_.clear();
}

/// Without a goodbye, whoever ended it: the will is due. With the gateway itself it may go later, or not have been stored.
void MqttClient::forget() {
    pending_.clear();
    if (will_ && greeted_ && !crashing()) {
        publication(*will_).sent = history().step();
        publication(*will_).acknowledged = history().step();
    }
    will_.reset();
    greeted_ = dismissed_ = false;
    if (!durable_) unreleased_.clear();
}

void MqttClient::write(const mqtt::Packet& packet, std::optional<std::size_t> number) {
    ByteBuffer bytes;
    mqtt::encode(packet, version_, bytes);
    put(std::move(bytes), number);
}

std::uint16_t MqttClient::expect(Pending pending) {
    do {
        ++last_id_;
    } while (last_id_ == 0 || pending_.contains(last_id_));
    pending_.emplace(last_id_, pending);
    return last_id_;
}

void MqttClient::send_publication(std::size_t number) {
    const Publication& made = publication(number);
    const std::string payload = std::to_string(number);
    ByteBuffer block;
    if (v5()) mqtt::PropertyWriter(block).text(PropertyId::content_type, made.content_type);
    mqtt::Publish packet;
    packet.topic = made.topic;
    packet.payload = as_bytes(payload);
    packet.properties = mqtt::Properties(Bytes(block));
    packet.qos = static_cast<std::uint8_t>(made.qos);
    packet.retain = made.retain;
    if (packet.qos > 0) packet.packet_id = expect({Pending::What::publish, number});
    write(packet, number);
}

void MqttClient::send_subscribe(std::size_t index) {
    const ByteBuffer block = filter_block(subscription(index).filter, subscription(index).qos);
    mqtt::Subscribe packet;
    packet.packet_id = expect({Pending::What::subscribe, index});
    packet.filters = mqtt::Filters(block, true);
    write(packet);
}

void MqttClient::send_unsubscribe(std::size_t index) {
    const ByteBuffer block = filter_block(subscription(index).filter, {});
    mqtt::Unsubscribe packet;
    packet.packet_id = expect({Pending::What::unsubscribe, index});
    packet.filters = mqtt::Filters(block, false);
    write(packet);
}

void MqttClient::send_reply(const std::string& reply_to, const std::string& correlation, const std::string& payload) {
    ByteBuffer block;
    if (v5() && !correlation.empty()) mqtt::PropertyWriter(block).data(PropertyId::correlation_data, as_bytes(correlation));
    mqtt::Publish packet;
    packet.topic = reply_to;
    packet.payload = as_bytes(payload);
    packet.properties = mqtt::Properties(Bytes(block));
    write(packet);
}

std::size_t MqttClient::read(Bytes bytes) {
    std::size_t used = 0;
    mqtt::Frame frame;
    while (mqtt::read_head(bytes.subspan(used), frame.head) == mqtt::HeadState::complete && frame.head.packet_size() <= bytes.size() - used) {
        frame.body = bytes.subspan(used + frame.head.size, frame.head.remaining);
        take(frame);
        used += frame.head.packet_size();
    }
    return used;
}

void MqttClient::take(const mqtt::Frame& frame) {
    const mqtt::Decoded<mqtt::Packet> packet = mqtt::decode(frame, version_, mqtt::Sender::server);
    if (!packet) throw std::logic_error("the gateway sent an MQTT packet that is none");
    if (const auto* connack = std::get_if<mqtt::Connack>(&*packet); connack && connack->code == 0) greeted(*connack);
    if (const auto* bye = std::get_if<mqtt::Disconnect>(&*packet)) dismissed_ = bye->reason == mqtt::ReasonCode::server_shutting_down;
    if (const auto* ack = std::get_if<mqtt::Ack>(&*packet)) take_ack(*ack);
    if (const auto* suback = std::get_if<mqtt::Suback>(&*packet)) settle(suback->packet_id, suback->codes[0] < 0x80);
    if (const auto* unsuback = std::get_if<mqtt::Unsuback>(&*packet)) settle(unsuback->packet_id, true);
    if (const auto* message = std::get_if<mqtt::Publish>(&*packet)) take_message(*message);
}

void MqttClient::answer(mqtt::PacketType type, std::uint16_t packet_id) {
    mqtt::Ack ack;
    ack.type = type;
    ack.packet_id = packet_id;
    write(ack);
}

void MqttClient::take_ack(const mqtt::Ack& ack) {
    const bool well = !mqtt::is_failure(ack.reason);
    if (ack.type == mqtt::PacketType::pubrel) {
        unreleased_.erase(ack.packet_id);
        return answer(mqtt::PacketType::pubcomp, ack.packet_id);
    }
    const auto pending = pending_.find(ack.packet_id);
    const std::size_t index = pending == pending_.end() ? 0 : pending->second.index;
    settle(ack.packet_id, well);
    if (ack.type != mqtt::PacketType::pubrec || !well) return;
    // It is taken; the identifier stays out until PUBCOMP.
    pending_.emplace(ack.packet_id, Pending{Pending::What::release, index});
    answer(mqtt::PacketType::pubrel, ack.packet_id);
}

void MqttClient::settle(std::uint16_t packet_id, bool well) {
    const auto node = pending_.extract(packet_id);
    if (node.empty()) throw std::logic_error("the gateway acknowledged what nobody sent");
    const Pending& pending = node.mapped();
    switch (pending.what) {
        case Pending::What::publish: return taken(pending.index, well);
        case Pending::What::release: return;
        case Pending::What::subscribe: return granted(pending.index, well);
        case Pending::What::unsubscribe: return left(pending.index);
    }
}

void MqttClient::take_message(const mqtt::Publish& message) {
    if (message.qos > 0) answer(message.qos == 1 ? mqtt::PacketType::puback : mqtt::PacketType::pubrec, message.packet_id);
    if (message.qos == 2 && !unreleased_.insert(message.packet_id).second) return;  // it has that one
    Arrival arrival;
    arrival.life = life();
    arrival.payload = as_text(message.payload);
    arrival.topic = message.topic;
    arrival.content_type = message.properties.text(PropertyId::content_type);
    arrival.qos = static_cast<Qos>(message.qos);
    arrival.retain = message.retain;
    arrived(std::move(arrival), std::string(message.properties.text(PropertyId::response_topic)),
            std::string(as_text(message.properties.data(PropertyId::correlation_data))));
}

}  // namespace junctor::simulation
