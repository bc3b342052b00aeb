#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/byte_reader.hpp"
#include "core/base/bytes.hpp"

namespace junctor::mqtt {

/// MQTT 5.0 section 2.2.2.2.
enum class PropertyId : std::uint8_t {
    payload_format_indicator = 0x01,
    message_expiry_interval = 0x02,
    content_type = 0x03,
    response_topic = 0x08,
    correlation_data = 0x09,
    subscription_identifier = 0x0B,
    session_expiry_interval = 0x11,
    assigned_client_identifier = 0x12,
    server_keep_alive = 0x13,
    authentication_method = 0x15,
    authentication_data = 0x16,
    request_problem_information = 0x17,
    will_delay_interval = 0x18,
    request_response_information = 0x19,
    response_information = 0x1A,
    server_reference = 0x1C,
    reason_string = 0x1F,
    receive_maximum = 0x21,
    topic_alias_maximum = 0x22,
    topic_alias = 0x23,
    maximum_qos = 0x24,
    retain_available = 0x25,
    user_property = 0x26,
    maximum_packet_size = 0x27,
    wildcard_subscription_available = 0x28,
    subscription_identifier_available = 0x29,
    shared_subscription_available = 0x2A,
};

inline constexpr std::uint8_t last_property_id = 0x2A;

enum class PropertyType : std::uint8_t { unknown, byte, two_bytes, four_bytes, variable_integer, text, binary, text_pair };

PropertyType type_of(PropertyId id) noexcept;

/// One property: `number` for the integer types, else `data` (of a pair its name), and `value` of a pair.
struct Property {
    PropertyId id{};
    std::uint32_t number = 0;
    Bytes data;
    Bytes value;

    std::string_view text() const noexcept { return as_text(data); }
};

/// Reads properties one after the other. Only the form is checked: types, lengths, text.
class PropertyReader {
public:
    explicit PropertyReader(Bytes block) noexcept : bytes_(block) {}

    /// False at the end, and when the rest is malformed: then `failed()`.
    bool next(Property& property) noexcept;
    bool failed() const noexcept { return failed_ || bytes_.failed(); }

private:
    bool read(Property& property) noexcept;

    ByteReader bytes_;
    bool failed_ = false;
};

/// The properties of one packet: a view of their bytes, without the length in front. The decoder has checked them.
class Properties {
public:
    Properties() = default;
    Properties(Bytes block, std::uint64_t present) noexcept : block_(block), present_(present) {}
    /// For a block that our own writer has made.
    explicit Properties(Bytes block) noexcept;

    Bytes block() const noexcept { return block_; }
    bool empty() const noexcept { return block_.empty(); }
    bool has(PropertyId id) const noexcept { return (present_ >> static_cast<unsigned>(id) & 1) != 0; }
    /// The value of the first property of that kind; nothing or `fallback` where there is none.
    std::uint32_t number(PropertyId id, std::uint32_t fallback) const noexcept;
    Bytes data(PropertyId id) const noexcept;
    std::string_view text(PropertyId id) const noexcept { return as_text(data(id)); }

private:
    Property find(PropertyId id) const noexcept;

    Bytes block_;
    std::uint64_t present_ = 0;
};

}  // namespace junctor::mqtt
