#include "connectors/vertx/codec.hpp"

#include <array>
#include <charconv>
#include <utility>

#include "core/base/byte_reader.hpp"
#include "core/base/json.hpp"

namespace junctor::vertx {
namespace {

using namespace std::string_view_literals;

struct TypeName {
    Type type;
    std::string_view name;
    Sender sender;
};

/// `rec` is what SockJS says for `message`.
constexpr std::array<TypeName, 9> type_names{{{Type::send, "send", Sender::client},
                                              {Type::publish, "publish", Sender::client},
                                              {Type::register_handler, "register", Sender::client},
                                              {Type::unregister_handler, "unregister", Sender::client},
                                              {Type::ping, "ping", Sender::client},
                                              {Type::message, "message", Sender::server},
                                              {Type::err, "err", Sender::server},
                                              {Type::pong, "pong", Sender::server},
                                              {Type::message, "rec", Sender::server}}};

std::string_view name_of(Type type, Dialect dialect) noexcept {
    if (type == Type::message && dialect == Dialect::sockjs) return "rec";
    return type_names[static_cast<std::size_t>(type)].name;
}

bool wants_address(Type type) noexcept { return type < Type::ping; }

FaultKind fault_of(JsonErrc error) noexcept {
    switch (error) {
        case JsonErrc::bad_utf8: return FaultKind::bad_utf8;
        case JsonErrc::too_deep: return FaultKind::too_deep;
        case JsonErrc::too_large: return FaultKind::too_large;
        default: return FaultKind::bad_json;
    }
}

/// Puts a comma in front of all but the first member.
class ObjectWriter {
public:
    explicit ObjectWriter(ByteBuffer& to) : to_(to) { append(to_, "{"sv); }
    void text(std::string_view name, std::string_view value) {
        member(name);
        append_json_string(to_, value);
    }
    void optional_text(std::string_view name, std::string_view value) {
        if (!value.empty()) text(name, value);
    }
    void raw(std::string_view name, std::string_view json) {
        member(name);
        append(to_, json);
    }
    void number(std::string_view name, std::int64_t value) {
        std::array<char, 24> digits{};
        const char* const end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
        raw(name, {digits.data(), static_cast<std::size_t>(end - digits.data())});
    }
    void end() { append(to_, "}"sv); }

private:
    void member(std::string_view name) {
        if (std::exchange(any_, true)) append(to_, ","sv);
        append_json_string(to_, name);
        append(to_, ":"sv);
    }

    ByteBuffer& to_;
    bool any_ = false;
};

void append_headers(ByteBuffer& to, const std::vector<HeaderView>& headers, std::optional<std::int64_t> timeout_ms) {
    append(to, ",\"headers\":"sv);
    ObjectWriter object(to);
    for (const HeaderView& each : headers) object.text(each.name, each.value);
    if (timeout_ms) object.number("timeout", *timeout_ms);
    object.end();
}

}  // namespace

std::string_view to_string(FaultKind kind) noexcept {
    constexpr std::array<std::string_view, fault_kind_count> names{"bad_json",     "too_deep",     "bad_utf8",        "too_large",
                                                                   "missing_type", "unknown_type", "missing_address", "bad_field"};
    return names[static_cast<std::size_t>(kind)];
}

std::optional<FaultKind> FrameDecoder::decode(std::string_view text, Frame& out) noexcept {
    const JsonDocument document = read_json(text, {.nesting = limits_.nesting, .bytes = limits_.bytes, .values = limits_.bytes});
    if (document.error != JsonErrc::ok) return fault_of(document.error);
    if (document.root.type != JsonValue::Type::object) return FaultKind::bad_json;
    unescaped_.clear();
    unescaped_.reserve(text.size());  // what has been unescaped must not move
    has_type_ = false;
    out = {};
    JsonCursor members(document.root);
    for (JsonValue name, value; members.next(name, value);)
        if (const auto fault = read(name, value, out)) return fault;
    return check(out);
}

std::optional<FaultKind> FrameDecoder::check(Frame& out) const noexcept {
    if (!has_type_) return FaultKind::missing_type;
    if (sender_ == Sender::client && wants_address(out.type) && out.address.empty()) return FaultKind::missing_address;
    return std::nullopt;
}

std::optional<FaultKind> FrameDecoder::read(const JsonValue& name, const JsonValue& value, Frame& out) noexcept {
    const std::string_view field = decoded(name);
    if (field == "type") return read_type(value, out);
    if (field == "address") return read_text(value, out.address);
    if (field == "replyAddress") return read_text(value, out.reply_address);
    if (field == "headers") return read_headers(value, out);
    if (field == "failureType") return read_text(value, out.failure_type);
    if (field == "message") return read_text(value, out.message);
    if (field == "sourceAddress") return read_text(value, out.source_address);
    if (field == "body") out.body = value.type == JsonValue::Type::null ? std::string_view() : value.text;
    if (field == "send") out.is_send = value.is_true();
    if (field == "failureCode" && value.type == JsonValue::Type::number) {
        std::int64_t code = 0;
        std::from_chars(value.text.data(), value.text.data() + value.text.size(), code);
        out.failure_code = code;
    }
    return std::nullopt;
}

std::optional<FaultKind> FrameDecoder::read_type(const JsonValue& value, Frame& out) noexcept {
    if (value.type != JsonValue::Type::string) return FaultKind::unknown_type;
    const std::string_view text = decoded(value);
    for (const TypeName& each : type_names) {
        if (each.name != text || each.sender != sender_) continue;
        has_type_ = true;
        out.type = each.type;
        return std::nullopt;
    }
    return FaultKind::unknown_type;
}

std::optional<FaultKind> FrameDecoder::read_text(const JsonValue& value, std::string_view& out) noexcept {
    if (value.type == JsonValue::Type::null) return std::nullopt;
    if (value.type != JsonValue::Type::string) return FaultKind::bad_field;
    out = decoded(value);
    return std::nullopt;
}

std::optional<FaultKind> FrameDecoder::read_headers(const JsonValue& value, Frame& out) noexcept {
    out.headers.clear();
    if (value.type == JsonValue::Type::null) return std::nullopt;
    if (value.type != JsonValue::Type::object) return FaultKind::bad_field;
    JsonCursor members(value);
    for (JsonValue name, member; members.next(name, member);) {
        if (out.headers.size() >= limits_.headers) return FaultKind::too_large;
        const std::string_view key = decoded(name);
        out.headers.push_back({key, member.type == JsonValue::Type::string ? decoded(member) : member.text});
    }
    return std::nullopt;
}

std::string_view FrameDecoder::decoded(const JsonValue& string) noexcept {
    if (string.plain()) return string.bare();
    const std::size_t before = unescaped_.size();
    append_decoded(unescaped_, string);
    return as_text(Bytes(unescaped_).subspan(before));
}

void append_frame(ByteBuffer& to, const Frame& frame, Dialect dialect) {
    ObjectWriter object(to);
    object.text("type", name_of(frame.type, dialect));
    object.optional_text("address", frame.address);
    object.optional_text("replyAddress", frame.reply_address);
    const bool message = frame.type == Type::message;
    const bool over_tcp = dialect == Dialect::tcp;
    if (message && over_tcp) object.raw("send", frame.is_send ? "true" : "false");
    if (!frame.headers.empty() || frame.timeout_ms || (message && over_tcp)) append_headers(to, frame.headers, frame.timeout_ms);
    if (!frame.body.empty() || (message && !over_tcp)) object.raw("body", frame.body.empty() ? "null"sv : frame.body);
    object.optional_text("sourceAddress", frame.source_address);
    if (frame.failure_code) object.number("failureCode", *frame.failure_code);
    object.optional_text("failureType", frame.failure_type);
    object.optional_text("message", frame.message);
    object.end();
}

void append_framed(ByteBuffer& to, const Frame& frame) {
    const std::size_t start = to.size();
    to.resize(start + length_bytes);
    append_frame(to, frame);
    const auto size = static_cast<std::uint32_t>(to.size() - start - length_bytes);
    for (std::size_t i = 0; i < length_bytes; ++i) to[start + i] = static_cast<std::uint8_t>(size >> (8 * (length_bytes - 1 - i)));
}

Split split_frame(Bytes bytes, std::size_t limit) noexcept {
    if (bytes.size() < length_bytes) return {};
    ByteReader reader(bytes);
    const std::size_t size = reader.u32();
    if (size > limit) return {Split::Status::too_large};
    if (bytes.size() - length_bytes < size) return {};
    return {Split::Status::complete, as_text(reader.take(size)), length_bytes + size};
}

}  // namespace junctor::vertx
