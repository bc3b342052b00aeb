#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "connectors/websocket/codec_grammar.hpp"
#include "connectors/websocket/codec_operation.hpp"
#include "core/base/json_reader.hpp"

namespace junctor::websocket {

/// What is wrong with a frame; the label under which it is counted.
enum class FaultKind : std::uint8_t { bad_json, too_deep, bad_utf8, too_large, unknown_op, unknown_field, bad_field };

inline constexpr std::size_t fault_kind_count = static_cast<std::size_t>(FaultKind::bad_field) + 1;

std::string_view to_string(FaultKind kind) noexcept;

/// Why a frame was not understood, in words for its sender. The connection can go on.
struct Fault {
    FaultKind kind = FaultKind::bad_json;
    std::string reason;
    std::string unknown;                ///< the name that nobody knows, if that is the trouble
    std::vector<std::string> choices;   ///< the names that would have been known
    std::string_view id;                ///< the frame's, where it could be read; a view of its text
};

struct DecodeLimits {
    std::uint32_t nesting = 64;
    std::uint32_t headers = 256;
    std::size_t bytes = 8 << 20;
};

/// Longest `id` that is carried back, as written.
inline constexpr std::size_t max_id_bytes = 256;

/// Turns a frame's text into an operation. Keeps a buffer for what has to be unescaped, so use it again and again.
class OperationDecoder {
public:
    OperationDecoder(Sender sender, const DecodeLimits& limits) noexcept : sender_(sender), limits_(limits) {}

    /// What `out` shows lives in `text` and in this decoder, until the next call.
    std::optional<Fault> decode(std::string_view text, Operation& out) noexcept;

private:
    using Value = const JsonValue&;

    bool collect(const JsonValue& root) noexcept;
    bool check_rule() noexcept;
    bool check_pairs() noexcept;
    bool read_fields(Operation& out) noexcept;
    bool read(Field field, Value value, Operation& out) noexcept;
    bool read_id(Value value, std::string_view& out) noexcept;
    bool read_text(Field field, Value value, std::string_view& out) noexcept;
    bool read_base64(Field field, Value value, Bytes& out) noexcept;
    bool read_qos(Value value, std::uint8_t& out) noexcept;
    bool read_from(Value value, std::string_view& out) noexcept;
    bool read_epoch(Value value, std::uint64_t& out) noexcept;
    bool read_offset(Field field, Value value, std::uint64_t& out) noexcept;
    bool read_messages(Value value, std::string_view& out) noexcept;
    HistoryPosition& position_of(Operation& out) const noexcept;
    bool read_flag(Field field, Value value, bool& out) noexcept;
    bool read_count(Field field, Value value, std::uint64_t most, std::uint64_t& out) noexcept;
    bool read_duration(Field field, Value value, std::optional<Duration>& out) noexcept;
    bool read_data(Value value, Message& out) noexcept;
    bool read_headers(Value value, Message& out) noexcept;
    bool read_header_object(Value value, Message& out) noexcept;
    bool read_header_pairs(Value value, Message& out) noexcept;
    bool add_header(Value name, Value value, Message& out) noexcept;

    std::string_view decoded(Value string) noexcept;
    Value value_of(Field field) const noexcept { return values_[static_cast<std::size_t>(field)]; }
    bool has(Field field) const noexcept { return seen_ & bit(field); }
    bool fail(FaultKind kind, std::string reason) noexcept;
    bool fail_json(const JsonDocument& document) noexcept;

    Sender sender_;
    DecodeLimits limits_;
    std::string_view text_;
    ByteBuffer unescaped_;
    std::array<JsonValue, field_count> values_;
    Fields seen_ = 0;
    const Rule* rule_ = nullptr;
    Fault fault_;
};

/// Appends the frame of an operation. Fields that are empty, zero or absent do not appear; `data` does wherever a message stands.
void append_operation(ByteBuffer& to, const Operation& operation);

/// The `message` object in two parts: the head is the receiver's own, the tail is the same for all of them.
std::string_view message_head(std::uint8_t qos, bool retain) noexcept;
/// What follows the head in a durable session.
void append_sequence(ByteBuffer& to, std::uint64_t sequence, bool repeat);
void append_message_tail(ByteBuffer& to, const Message& message);

/// Both parts at once: `{"op":"message","topic":...,"data":...}`.
void append_message(ByteBuffer& to, const Message& message);

}  // namespace junctor::websocket
