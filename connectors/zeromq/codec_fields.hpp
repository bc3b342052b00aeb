#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/clock.hpp"

namespace junctor::zeromq {

/// The headers frame: one JSON object whose members are all optional. The names are those of the JSON WebSocket protocol.
struct Fields {
    std::string content_type;
    std::vector<std::pair<std::string, std::string>> headers;  ///< in order, duplicates kept: an object, or an array of [name, value]
    std::optional<std::uint8_t> qos;                           ///< 0, 1 or 2
    bool retain = false;
    std::optional<Duration> ttl;      ///< seconds as a number, or text such as `30s`
    std::optional<Duration> timeout;  ///< of a request; written like `ttl`
    std::string reply_to;
    ByteBuffer correlation;           ///< `correlation` as text, or `correlation_base64`
    std::optional<Duration> expiry;   ///< of a session; written like `ttl`
    std::uint64_t window = 0;         ///< of a session: most messages that may be unacknowledged; 0: not given
    bool clean = false;               ///< of a session
    std::optional<bool> resumed;      ///< in the answer to a session
    std::uint64_t sequence = 0;       ///< `seq`: of a message to a durable session; 0: none
    bool repeat = false;              ///< of such a message: it may have come before
    std::string from;                 ///< of a subscribe: `first` or `now` in the history
    std::optional<std::uint64_t> epoch;   ///< of a message that a history keeps, of a subscribe that begins behind it: its place
    std::optional<std::uint64_t> offset;
    std::string resume;               ///< in the answer to such a subscribe: `exact`, `gap` or `none`

    Fields() = default;
};

struct FieldsLimits {
    std::size_t bytes = 64 << 10;
    std::uint32_t nesting = 64;
    std::uint32_t headers = 256;
};

/// Reads a headers frame; an empty frame has no fields. A member with another name is a fault.
/// Returns what is wrong with it, as constant text for the client; empty: nothing.
std::string_view decode_fields(Bytes frame, const FieldsLimits& limits, Fields& out);

/// Does it say what belongs to `session` alone, or to the gateway?
bool about_sessions(const Fields& fields) noexcept;

/// Does it say what belongs to a `subscribe` that begins in a history, or to the gateway?
bool about_history(const Fields& fields) noexcept;

/// A whole number above 0 and nothing else; 0: it is none.
std::uint64_t count_in(std::string_view text) noexcept;

/// Appends the members that `fields` has, separated by commas, without the braces around them; nothing when it has none.
void append_members(std::string& to, const Fields& fields);

/// The whole frame: empty when `members` is.
std::string fields_frame(std::string_view members);

/// `{"code":...,"reason":...}`: what follows an error.
std::string error_frame(std::string_view code, std::string_view reason);
/// The reason in such a frame; empty when there is none.
std::string error_reason(Bytes frame);

}  // namespace junctor::zeromq
