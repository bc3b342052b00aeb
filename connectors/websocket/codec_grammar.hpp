#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/websocket/codec_operation.hpp"

namespace junctor::websocket {

/// The members a frame may have.
enum class Field : std::uint8_t {
    op,
    id,
    name,
    filter,
    topic,
    data,
    data_base64,
    event,
    qos,
    retain,
    ttl,
    content_type,
    headers,
    reply_to,
    correlation,
    correlation_base64,
    timeout,
    expiry,
    window,
    clean,
    seq,
    repeat,
    resumed,
    code,
    reason,
    from,
    epoch,
    offset,
    limit,
    resume,
    last,
    messages,
    token,
    user,
    password,
    method,
};

inline constexpr std::size_t field_count = static_cast<std::size_t>(Field::method) + 1;

/// A set of fields, one bit each.
using Fields = std::uint64_t;
static_assert(field_count <= 64);
constexpr Fields bit(Field field) noexcept { return Fields{1} << static_cast<unsigned>(field); }

enum class Sender : std::uint8_t { client, gateway };

/// What one operation from one side must and may have.
struct Rule {
    Op op;
    Sender sender;
    Fields required;
    Fields optional;
};

std::string_view to_string(Field field) noexcept;
std::optional<Field> field_named(std::string_view name) noexcept;
const Rule* rule_for(std::string_view op, Sender sender) noexcept;

/// The names that would have been valid, for the sentence that says so.
std::vector<std::string> op_names(Sender sender);
std::vector<std::string> field_names(const Rule& rule);

}  // namespace junctor::websocket
