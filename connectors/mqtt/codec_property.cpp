#include <algorithm>
#include <array>
#include <cassert>

#include "connectors/mqtt/codec_fields.hpp"
#include "connectors/mqtt/property_writer.hpp"

namespace junctor::mqtt {

namespace {

constexpr std::uint16_t in(PacketType type) noexcept { return static_cast<std::uint16_t>(1U << static_cast<unsigned>(type)); }

/// No packet type has the number 0, so its bit stands for the will.
constexpr std::uint16_t in_will = 1;
constexpr std::uint16_t in_publish = in(PacketType::publish);
constexpr std::uint16_t in_connect = in(PacketType::connect);
constexpr std::uint16_t in_connack = in(PacketType::connack);
constexpr std::uint16_t in_auth = in(PacketType::auth);
constexpr std::uint16_t in_disconnect = in(PacketType::disconnect);
constexpr std::uint16_t in_acks = in(PacketType::puback) | in(PacketType::pubrec) | in(PacketType::pubrel) | in(PacketType::pubcomp) |
                                  in(PacketType::suback) | in(PacketType::unsuback);

struct Rule {
    PropertyType type = PropertyType::unknown;
    std::uint16_t places = 0;
};

/// 5.0 section 2.2.2.2, by identifier.
constexpr std::array<Rule, last_property_id + 1> rules = [] {
    using enum PropertyId;
    std::array<Rule, last_property_id + 1> table{};
    const auto rule = [&table](PropertyId id, PropertyType type, int places) {
        table[static_cast<std::size_t>(id)] = {type, static_cast<std::uint16_t>(places)};
    };
    rule(payload_format_indicator, PropertyType::byte, in_publish | in_will);
    rule(message_expiry_interval, PropertyType::four_bytes, in_publish | in_will);
    rule(content_type, PropertyType::text, in_publish | in_will);
    rule(response_topic, PropertyType::text, in_publish | in_will);
    rule(correlation_data, PropertyType::binary, in_publish | in_will);
    rule(subscription_identifier, PropertyType::variable_integer, in_publish | in(PacketType::subscribe));
    rule(session_expiry_interval, PropertyType::four_bytes, in_connect | in_connack | in_disconnect);
    rule(assigned_client_identifier, PropertyType::text, in_connack);
    rule(server_keep_alive, PropertyType::two_bytes, in_connack);
    rule(authentication_method, PropertyType::text, in_connect | in_connack | in_auth);
    rule(authentication_data, PropertyType::binary, in_connect | in_connack | in_auth);
    rule(request_problem_information, PropertyType::byte, in_connect);
    rule(will_delay_interval, PropertyType::four_bytes, in_will);
    rule(request_response_information, PropertyType::byte, in_connect);
    rule(response_information, PropertyType::text, in_connack);
    rule(server_reference, PropertyType::text, in_connack | in_disconnect);
    rule(reason_string, PropertyType::text, in_connack | in_acks | in_disconnect | in_auth);
    rule(receive_maximum, PropertyType::two_bytes, in_connect | in_connack);
    rule(topic_alias_maximum, PropertyType::two_bytes, in_connect | in_connack);
    rule(topic_alias, PropertyType::two_bytes, in_publish);
    rule(maximum_qos, PropertyType::byte, in_connack);
    rule(retain_available, PropertyType::byte, in_connack);
    rule(user_property, PropertyType::text_pair, 0xFFFF);
    rule(maximum_packet_size, PropertyType::four_bytes, in_connect | in_connack);
    rule(wildcard_subscription_available, PropertyType::byte, in_connack);
    rule(subscription_identifier_available, PropertyType::byte, in_connack);
    rule(shared_subscription_available, PropertyType::byte, in_connack);
    return table;
}();

/// Rules on single values (chapter 3, per property).
ReasonCode check_value(const Property& property) noexcept {
    switch (property.id) {
        case PropertyId::subscription_identifier:
            return property.number == 0 ? ReasonCode::malformed_packet : ReasonCode::success;
        case PropertyId::receive_maximum:
        case PropertyId::maximum_packet_size:
            return property.number == 0 ? ReasonCode::protocol_error : ReasonCode::success;
        case PropertyId::response_topic:
            return is_topic_name(property.data) ? ReasonCode::success : ReasonCode::protocol_error;
        default:
            return type_of(property.id) == PropertyType::byte && property.number > 1 ? ReasonCode::protocol_error : ReasonCode::success;
    }
}

bool may_repeat(PropertyId id, PacketType type, Sender sender) noexcept {
    if (id == PropertyId::user_property) return true;
    return id == PropertyId::subscription_identifier && type == PacketType::publish && sender == Sender::server;
}

/// Section 2.2.2.2 calls a property in the wrong packet malformed; servers that clients are used to answer so only to the
/// subscribing packets and call it a protocol error elsewhere.
ReasonCode misplaced(PacketType type) noexcept {
    const bool subscribing = type == PacketType::subscribe || type == PacketType::unsubscribe;
    return subscribing ? ReasonCode::malformed_packet : ReasonCode::protocol_error;
}

}  // namespace

PropertyType type_of(PropertyId id) noexcept {
    const auto index = static_cast<std::size_t>(id);
    return index < rules.size() ? rules[index].type : PropertyType::unknown;
}

bool PropertyReader::next(Property& property) noexcept {
    if (bytes_.empty() || failed()) return false;
    failed_ = !read(property);
    return !failed();
}

bool PropertyReader::read(Property& property) noexcept {
    std::uint32_t id = 0;
    if (!read_variable(bytes_, id) || id > last_property_id) return false;
    property = {static_cast<PropertyId>(id), 0, {}, {}};
    switch (type_of(property.id)) {
        case PropertyType::unknown: return false;
        case PropertyType::byte: property.number = bytes_.u8(); return true;
        case PropertyType::two_bytes: property.number = bytes_.u16(); return true;
        case PropertyType::four_bytes: property.number = bytes_.u32(); return true;
        case PropertyType::variable_integer: return read_variable(bytes_, property.number);
        case PropertyType::binary: property.data = read_sized(bytes_); return true;
        case PropertyType::text: property.data = read_sized(bytes_); return is_text(property.data);
        case PropertyType::text_pair:
            property.data = read_sized(bytes_);
            property.value = read_sized(bytes_);
            return is_text(property.data) && is_text(property.value);
    }
    return false;
}

Decoded<Properties> read_properties(ByteReader& from, PacketType type, Sender sender, PropertyPlace place) noexcept {
    std::uint32_t size = 0;
    if (!read_variable(from, size)) return ReasonCode::malformed_packet;
    const Bytes block = from.take(size);
    if (from.failed()) return ReasonCode::malformed_packet;
    if (block.empty()) return Properties();

    const std::uint16_t here = place == PropertyPlace::will ? in_will : in(type);
    std::uint64_t present = 0;
    // Broken form outranks a broken rule, so the whole block is read first.
    ReasonCode verdict = ReasonCode::success;
    PropertyReader reader(block);
    for (Property property; reader.next(property);) {
        const auto index = static_cast<unsigned>(property.id);
        const bool repeated = (present >> index & 1) != 0;
        present |= std::uint64_t{1} << index;
        if (verdict != ReasonCode::success) continue;
        if ((rules[index].places & here) == 0)
            verdict = misplaced(type);
        else if (repeated && !may_repeat(property.id, type, sender))
            verdict = ReasonCode::protocol_error;
        else
            verdict = check_value(property);
    }
    if (reader.failed()) return ReasonCode::malformed_packet;
    if (verdict != ReasonCode::success) return verdict;
    return Properties(block, present);
}

Properties::Properties(Bytes block) noexcept : block_(block) {
    PropertyReader reader(block);
    for (Property property; reader.next(property);) present_ |= std::uint64_t{1} << static_cast<unsigned>(property.id);
    assert(!reader.failed());
}

Property Properties::find(PropertyId id) const noexcept {
    Property property;
    if (!has(id)) return property;
    PropertyReader reader(block_);
    while (reader.next(property) && property.id != id) continue;
    return property;
}

std::uint32_t Properties::number(PropertyId id, std::uint32_t fallback) const noexcept {
    return has(id) ? find(id).number : fallback;
}

Bytes Properties::data(PropertyId id) const noexcept { return find(id).data; }

PropertyWriter& PropertyWriter::number(PropertyId id, std::uint32_t value) noexcept {
    block_.push_back(static_cast<std::uint8_t>(id));
    std::array<std::uint8_t, 4> raw{};
    std::size_t size = 0;
    if (type_of(id) == PropertyType::variable_integer) {
        size = write_variable(value, raw.data());
    } else {
        size = type_of(id) == PropertyType::byte ? 1 : type_of(id) == PropertyType::two_bytes ? 2 : 4;
        for (std::size_t i = 0; i < size; ++i) raw[i] = static_cast<std::uint8_t>(value >> (8 * (size - 1 - i)));
    }
    append(block_, Bytes(raw).first(size));
    return *this;
}

}  // namespace junctor::mqtt
