#include "connectors/mqtt/client.hpp"

#include <algorithm>
#include <chrono>
#include <random>

#include "connectors/mqtt/client_mapping.hpp"
#include "connectors/mqtt/property_writer.hpp"

namespace junctor::mqtt {

namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t read_size = 64 << 10;
constexpr std::size_t packet_limit = 256U << 20;

std::string random_text() {
    std::random_device source;
    std::string text;
    for (int i = 0; i < 16; ++i) text += "0123456789abcdef"[source() & 15];
    return text;
}

ByteBuffer one_filter(const std::string& filter, std::optional<Qos> qos) {
    if (filter.size() > UINT16_MAX) throw ClientError("The filter is longer than 65,535 bytes");
    ByteBuffer block{static_cast<std::uint8_t>(filter.size() >> 8), static_cast<std::uint8_t>(filter.size() & 0xFF)};
    append(block, filter);
    if (qos) block.push_back(static_cast<std::uint8_t>(*qos));
    return block;
}

}  // namespace

MqttClient::MqttClient(std::unique_ptr<BlockingStream> stream, ClientOptions options)
    : stream_(std::move(stream)), options_(std::move(options)) {
    connect();
}

MqttClient::~MqttClient() {
    try {
        send(Disconnect{});
    } catch (const ClientError&) {
        // The server has gone first: there is nobody to say goodbye to.
    }
}

void MqttClient::connect() {
    Connect connect;
    connect.client_id = options_.client_id;
    ByteBuffer properties;
    if (durable()) {
        connect.clean_start = false;
        const auto expiry_s = std::chrono::ceil<std::chrono::seconds>(options_.session_expiry).count();
        PropertyWriter(properties).number(PropertyId::session_expiry_interval, static_cast<std::uint32_t>(std::min<std::int64_t>(expiry_s, UINT32_MAX)));
        connect.properties = Properties(Bytes(properties));
    }
    if (!options_.user.empty()) connect.user = options_.user;
    const std::string& secret = options_.token.empty() ? options_.password : options_.token;  // a token travels as the password
    if (!secret.empty()) connect.password = as_bytes(secret);
    send(connect);
    await("the answer to CONNECT", [](const Packet& packet) {
        const auto* connack = std::get_if<Connack>(&packet);
        if (!connack) return false;
        if (connack->code == 0) return true;
        throw refusal("The server refused the connection", static_cast<ReasonCode>(connack->code), connack->properties);
    });
}

void MqttClient::publish(const ClientMessage& message) {
    if (!is_topic_name(as_bytes(message.topic)) || message.topic.size() > UINT16_MAX)
        throw ClientError("'" + message.topic + "' is no topic to publish to");
    const ByteBuffer properties = to_properties(message);
    Publish publish;
    publish.topic = message.topic;
    publish.payload = message.payload;
    publish.properties = Properties(Bytes(properties));
    publish.qos = static_cast<std::uint8_t>(message.qos);
    publish.retain = message.retain;
    if (publish.qos > 0) publish.packet_id = next_packet_id();
    send(publish);
    if (message.qos == Qos::at_least_once) await_ack(PacketType::puback, publish.packet_id);
    if (message.qos != Qos::exactly_once) return;
    await_ack(PacketType::pubrec, publish.packet_id);
    send(Ack{PacketType::pubrel, ReasonCode::success, publish.packet_id, {}});
    await_ack(PacketType::pubcomp, publish.packet_id);
}

void MqttClient::await_ack(PacketType type, std::uint16_t packet_id) {
    await("an acknowledgement", [=](const Packet& packet) {
        const auto* ack = std::get_if<Ack>(&packet);
        if (!ack || ack->type != type || ack->packet_id != packet_id) return false;
        if (is_failure(ack->reason)) throw refusal("The server refused the message", ack->reason, ack->properties);
        return true;
    });
}

void MqttClient::subscribe(const std::string& filter, Qos qos) {
    const ByteBuffer block = one_filter(filter, qos);
    const std::uint16_t packet_id = next_packet_id();
    ByteBuffer properties;
    if (options_.start) properties = to_properties(*options_.start);
    send(Subscribe{packet_id, Properties(Bytes(properties)), Filters(block, true)});
    await_codes(PacketType::suback, packet_id, filter);
}

void MqttClient::unsubscribe(const std::string& filter) {
    const ByteBuffer block = one_filter(filter, std::nullopt);
    const std::uint16_t packet_id = next_packet_id();
    send(Unsubscribe{packet_id, {}, Filters(block, false)});
    await_codes(PacketType::unsuback, packet_id, filter);
}

void MqttClient::await_codes(PacketType type, std::uint16_t packet_id, const std::string& filter) {
    const auto judge = [&filter](Bytes codes, const Properties& properties) {
        const auto failed = std::ranges::find_if(codes, [](std::uint8_t code) { return is_failure(static_cast<ReasonCode>(code)); });
        if (failed != codes.end()) throw refusal("The server refused '" + filter + "'", static_cast<ReasonCode>(*failed), properties);
        return true;
    };
    await("an answer about '" + filter + "'", [&](const Packet& packet) {
        if (type == PacketType::suback) {
            const auto* suback = std::get_if<Suback>(&packet);
            if (!suback || suback->packet_id != packet_id || !judge(suback->codes, suback->properties)) return false;
            outcome_ = to_outcome(suback->properties);
            return true;
        }
        const auto* unsuback = std::get_if<Unsuback>(&packet);
        return unsuback && unsuback->packet_id == packet_id && judge(unsuback->codes, unsuback->properties);
    });
}

std::optional<ClientMessage> MqttClient::receive(Duration wait) {
    const auto until = SteadyClock::now() + wait;
    while (messages_.empty()) {
        const Duration left = until - SteadyClock::now();
        if (left <= Duration::zero()) return std::nullopt;
        step(left, {});
    }
    return hand_out(messages_.begin());
}

ClientMessage MqttClient::hand_out(std::deque<Arrived>::iterator arrived) {
    Arrived taken = std::move(*arrived);
    messages_.erase(arrived);
    if (taken.unacknowledged != 0) send(Ack{PacketType::puback, ReasonCode::success, taken.unacknowledged, {}});
    return std::move(taken.message);
}

ClientMessage MqttClient::request(const ClientMessage& message, Duration wait) {
    if (reply_topic_.empty()) {
        const std::string topic = "replies/" + random_text();
        subscribe(topic, Qos::at_least_once);
        reply_topic_ = topic;
    }
    ClientMessage asked = message;
    asked.extras.reply_to = reply_topic_;
    if (asked.extras.correlation.empty()) append(asked.extras.correlation, random_text());
    publish(asked);
    const auto until = SteadyClock::now() + wait;
    const auto is_answer = [&](const Arrived& one) {
        return one.message.topic == reply_topic_ && one.message.extras.correlation == asked.extras.correlation;
    };
    for (;;) {
        const auto found = std::ranges::find_if(messages_, is_answer);
        if (found != messages_.end()) return hand_out(found);
        const Duration left = until - SteadyClock::now();
        if (left <= Duration::zero()) throw ClientError("Nobody answered the request on '" + message.topic + "' in time", "timed_out");
        step(left, {});
    }
}

void MqttClient::reply(const ClientMessage& to, ClientMessage answer) {
    if (to.extras.reply_to.empty()) throw ClientError("The message on '" + to.topic + "' names no reply address");
    answer.topic = to.extras.reply_to;
    answer.extras.correlation = to.extras.correlation;
    publish(answer);
}

std::uint16_t MqttClient::next_packet_id() noexcept {
    last_packet_id_ = static_cast<std::uint16_t>(last_packet_id_ % UINT16_MAX + 1);
    return last_packet_id_;
}

void MqttClient::send(const Packet& packet) {
    ByteBuffer bytes;
    encode(packet, Version::v5, bytes);
    stream_->send(bytes);
}

void MqttClient::await(std::string_view what, const Wanted& wanted) {
    const auto until = SteadyClock::now() + options_.timeout;
    bool found = false;
    while (!found) {
        const Duration left = until - SteadyClock::now();
        if (left <= Duration::zero()) throw ClientError("The server did not send " + std::string(what) + " in time", "timed_out");
        step(left, [&](const Packet& packet) { return found = wanted(packet); });
    }
}

bool MqttClient::step(Duration wait, const Wanted& wanted) {
    Frame frame;
    if (!read_frame(wait, frame)) return false;
    const Decoded<Packet> packet = decode(frame, Version::v5, Sender::server);
    if (!packet) throw ClientError("The server sent what is not MQTT 5: " + std::string(to_string(packet.error())));
    if (!wanted || !wanted(*packet)) handle(*packet);
    return true;
}

/// The frame is valid until the next call.
bool MqttClient::read_frame(Duration wait, Frame& frame) {
    unread_.erase(unread_.begin(), unread_.begin() + static_cast<std::ptrdiff_t>(used_));
    used_ = 0;
    for (;;) {
        const HeadState state = read_head(unread_, frame.head);
        if (state == HeadState::malformed || (state == HeadState::complete && frame.head.packet_size() > packet_limit))
            throw ClientError("The server sent what is not MQTT");
        if (state == HeadState::complete && frame.head.packet_size() <= unread_.size()) break;
        const std::size_t had = unread_.size();
        unread_.resize(had + read_size);
        const std::size_t count = stream_->receive({unread_.data() + had, read_size}, wait);
        unread_.resize(had + count);
        if (count == 0) return false;
    }
    used_ = frame.head.packet_size();
    frame.body = Bytes(unread_).subspan(frame.head.size, frame.head.remaining);
    return true;
}

void MqttClient::handle(const Packet& packet) {
    if (const auto* publish = std::get_if<Publish>(&packet)) return take(*publish);
    if (const auto* disconnect = std::get_if<Disconnect>(&packet))
        throw refusal("The server ended the connection", disconnect->reason, disconnect->properties);
    const auto* ack = std::get_if<Ack>(&packet);
    if (!ack || ack->type != PacketType::pubrel) return;
    unreleased_.erase(ack->packet_id);
    send(Ack{PacketType::pubcomp, ReasonCode::success, ack->packet_id, {}});
}

void MqttClient::take(const Publish& publish) {
    const bool first = publish.qos != 2 || unreleased_.insert(publish.packet_id).second;
    const bool later = durable() && publish.qos == 1;
    if (first) messages_.push_back({to_client_message(publish), later ? publish.packet_id : std::uint16_t{0}});
    if (publish.qos == 0 || later) return;
    const PacketType answer = publish.qos == 1 ? PacketType::puback : PacketType::pubrec;
    send(Ack{answer, ReasonCode::success, publish.packet_id, {}});
}

}  // namespace junctor::mqtt
