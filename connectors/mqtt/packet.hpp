#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include "connectors/mqtt/property.hpp"
#include "connectors/mqtt/reason_code.hpp"
#include "core/base/bytes.hpp"

namespace junctor::mqtt {

/// The packets of MQTT 3.1, 3.1.1 and 5.0 (chapter 3 of each). All text and bytes are views of what they were decoded from.

enum class PacketType : std::uint8_t {
    reserved,
    connect,
    connack,
    publish,
    puback,
    pubrec,
    pubrel,
    pubcomp,
    subscribe,
    suback,
    unsubscribe,
    unsuback,
    pingreq,
    pingresp,
    disconnect,
    auth,
};

/// The protocol level as in CONNECT.
enum class Version : std::uint8_t { v3_1 = 3, v3_1_1 = 4, v5 = 5 };

struct Will {
    std::string_view topic;
    Bytes payload;
    Properties properties;
    std::uint8_t qos = 0;
    bool retain = false;
};

struct Connect {
    Version version = Version::v5;
    bool clean_start = true;
    std::uint16_t keep_alive_s = 0;
    std::string_view client_id;
    Properties properties;
    std::optional<Will> will;
    std::optional<std::string_view> user;
    std::optional<Bytes> password;
};

struct Connack {
    bool session_present = false;
    std::uint8_t code = 0;  ///< a ReasonCode in 5.0, a return code (3.1.1 section 3.2.2.3) before
    Properties properties;
};

struct Publish {
    std::string_view topic;  ///< empty: the topic alias says it
    Bytes payload;
    Properties properties;
    std::uint16_t packet_id = 0;
    std::uint8_t qos = 0;
    bool retain = false;
    bool dup = false;
};

/// PUBACK, PUBREC, PUBREL and PUBCOMP.
struct Ack {
    PacketType type = PacketType::puback;
    ReasonCode reason = ReasonCode::success;
    std::uint16_t packet_id = 0;
    Properties properties;
};

/// A filter of SUBSCRIBE with its options byte, or one of UNSUBSCRIBE.
struct Filter {
    std::string_view text;
    std::uint8_t options = 0;

    std::uint8_t qos() const noexcept { return options & 3; }
    bool no_local() const noexcept { return (options & 4) != 0; }
    bool retain_as_published() const noexcept { return (options & 8) != 0; }
    std::uint8_t retain_handling() const noexcept { return options >> 4 & 3; }
};

/// The filters of one packet, read one after the other. The decoder has checked them.
class Filters {
public:
    Filters() = default;
    Filters(Bytes block, bool with_options) noexcept : bytes_(block), with_options_(with_options) {}

    Bytes block() const noexcept { return bytes_.rest(); }
    /// False at the end, and when the rest is malformed: then `failed()`.
    bool next(Filter& filter) noexcept;
    bool failed() const noexcept { return bytes_.failed(); }

private:
    ByteReader bytes_{Bytes{}};
    bool with_options_ = false;
};

struct Subscribe {
    std::uint16_t packet_id = 0;
    Properties properties;
    Filters filters;
};

struct Unsubscribe {
    std::uint16_t packet_id = 0;
    Properties properties;
    Filters filters;
};

struct Suback {
    std::uint16_t packet_id = 0;
    Properties properties;
    Bytes codes;  ///< one per filter, in order
};

struct Unsuback {
    std::uint16_t packet_id = 0;
    Properties properties;
    Bytes codes;  ///< 5.0 only: one per filter, in order
};

struct Pingreq {};
struct Pingresp {};

struct Disconnect {
    ReasonCode reason = ReasonCode::success;
    Properties properties;
};

struct Auth {
    ReasonCode reason = ReasonCode::success;
    Properties properties;
};

using Packet = std::variant<Connect, Connack, Publish, Ack, Subscribe, Suback, Unsubscribe, Unsuback, Pingreq, Pingresp, Disconnect, Auth>;

}  // namespace junctor::mqtt
