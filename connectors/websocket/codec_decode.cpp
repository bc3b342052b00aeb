#include <bit>
#include <charconv>

#include "connectors/websocket/codec.hpp"
#include "core/base/base64.hpp"
#include "core/base/duration_text.hpp"

namespace junctor::websocket {
namespace {

using namespace std::string_literals;

/// A name from the wire, short enough for a sentence.
std::string shown(std::string_view name) {
    constexpr std::size_t longest = 64;
    if (name.size() <= longest) return std::string(name);
    std::size_t end = longest;
    while ((static_cast<unsigned char>(name[end]) & 0xc0) == 0x80) --end;
    return std::string(name.substr(0, end)) + "...";
}

constexpr std::uint64_t most_window = 65'535;

/// Most messages that one answer out of a history brings.
constexpr std::uint64_t most_history = 10'000;

/// Beyond it JSON's readers may round. At a million messages a second a session gets there in 285 years.
constexpr std::uint64_t most_sequence = std::uint64_t{1} << 53;

std::string quoted(Field field) { return '`' + std::string(to_string(field)) + '`'; }

}  // namespace

std::string_view to_string(FaultKind kind) noexcept {
    constexpr std::array<std::string_view, fault_kind_count> names{"bad_json",   "too_deep",      "bad_utf8", "too_large",
                                                                   "unknown_op", "unknown_field", "bad_field"};
    return names[static_cast<std::size_t>(kind)];
}

std::optional<Fault> OperationDecoder::decode(std::string_view text, Operation& out) noexcept {
    text_ = text;
    unescaped_.clear();
    seen_ = 0;
    fault_ = {};
    out = {};
    const JsonDocument document = read_json(text, {.nesting = limits_.nesting, .bytes = limits_.bytes, .values = limits_.bytes});
    const bool good = document.error == JsonErrc::ok ? collect(document.root) && check_rule() && check_pairs() && read_fields(out)
                                                     : fail_json(document);
    if (good) return std::nullopt;
    return std::move(fault_);
}

bool OperationDecoder::fail(FaultKind kind, std::string reason) noexcept {
    fault_.kind = kind;
    fault_.reason = std::move(reason);
    return false;
}

bool OperationDecoder::fail_json(const JsonDocument& document) noexcept {
    const auto because = [&](FaultKind kind) { return fail(kind, make_error_code(document.error).message() + " at byte " + std::to_string(document.error_at)); };
    switch (document.error) {
        case JsonErrc::too_deep: return because(FaultKind::too_deep);
        case JsonErrc::bad_utf8: return because(FaultKind::bad_utf8);
        case JsonErrc::too_large: return because(FaultKind::too_large);
        default: return because(FaultKind::bad_json);
    }
}

std::string_view OperationDecoder::decoded(Value string) noexcept {
    if (string.plain()) return string.bare();
    // Reserved once: views of what is decoded must not move. Nothing decodes to more than it took, base64 on top of escapes to twice.
    unescaped_.reserve(2 * text_.size());
    const std::size_t before = unescaped_.size();
    append_decoded(unescaped_, string);
    return as_text(Bytes(unescaped_).subspan(before));
}

/// Sorts the members by field. Names that nobody knows are reported at once, those of other operations later.
bool OperationDecoder::collect(const JsonValue& root) noexcept {
    if (root.type != JsonValue::Type::object) return fail(FaultKind::bad_json, "a frame must be one JSON object");
    JsonCursor cursor(root);
    JsonValue name, value;
    std::string_view unknown;
    bool has_unknown = false;
    while (cursor.next(name, value)) {
        const std::string_view text = decoded(name);
        const std::optional<Field> field = field_named(text);
        if (!field) {
            unknown = text;
            has_unknown = true;
            continue;
        }
        if (has(*field)) return fail(FaultKind::bad_field, quoted(*field) + " stands there twice");
        seen_ |= bit(*field);
        values_[static_cast<std::size_t>(*field)] = value;
    }
    if (has(Field::id) && !read_id(value_of(Field::id), fault_.id)) return false;
    if (!has_unknown) return true;
    fault_.unknown = shown(unknown);
    return true;
}

bool OperationDecoder::check_rule() noexcept {
    if (!has(Field::op)) return fail(FaultKind::unknown_op, "`op` is missing");
    std::string_view name;
    if (!read_text(Field::op, value_of(Field::op), name)) return false;
    rule_ = rule_for(name, sender_);
    if (!rule_) {
        fault_.unknown = shown(name);
        fault_.choices = op_names(sender_);
        return fail(FaultKind::unknown_op, "unknown op `" + fault_.unknown + '`');
    }
    const Fields foreign = seen_ & ~(rule_->required | rule_->optional);
    if (foreign != 0) fault_.unknown = to_string(static_cast<Field>(std::countr_zero(foreign)));
    if (!fault_.unknown.empty()) {
        fault_.choices = field_names(*rule_);
        return fail(FaultKind::unknown_field, "op `" + std::string(name) + "` has no field `" + fault_.unknown + '`');
    }
    const Fields missing = rule_->required & ~seen_;
    return missing == 0 || fail(FaultKind::bad_field, quoted(static_cast<Field>(std::countr_zero(missing))) + " is missing");
}

bool OperationDecoder::check_pairs() noexcept {
    if (has(Field::data) && has(Field::data_base64)) return fail(FaultKind::bad_field, "give `data` or `data_base64`, not both");
    if (has(Field::correlation) && has(Field::correlation_base64))
        return fail(FaultKind::bad_field, "give `correlation` or `correlation_base64`, not both");
    if (has(Field::epoch) != has(Field::offset)) return fail(FaultKind::bad_field, "`epoch` and `offset` come together: both, as a message had them");
    if (has(Field::from) && has(Field::offset)) return fail(FaultKind::bad_field, "give `from`, or `epoch` and `offset`, not all");
    constexpr Fields within_event = bit(Field::data) | bit(Field::data_base64) | bit(Field::content_type) | bit(Field::headers) |
                                    bit(Field::correlation) | bit(Field::correlation_base64);
    if (!has(Field::event) || (seen_ & within_event) == 0) return true;
    return fail(FaultKind::bad_field, "`event` holds " + quoted(static_cast<Field>(std::countr_zero(seen_ & within_event))) + " already: give one of both");
}

bool OperationDecoder::read_fields(Operation& out) noexcept {
    out.op = rule_->op;
    for (std::size_t at = 0; at < field_count; ++at)
        if (has(static_cast<Field>(at)) && !read(static_cast<Field>(at), values_[at], out)) return false;
    return true;
}

bool OperationDecoder::read(Field field, Value value, Operation& out) noexcept {
    Message& message = out.message;
    switch (field) {
        case Field::op: return true;
        case Field::id: return read_id(value, out.id);
        case Field::name: return read_text(field, value, out.name);
        case Field::filter: return read_text(field, value, out.filter);
        case Field::topic: return read_text(field, value, message.topic);
        case Field::data: return read_data(value, message);
        case Field::data_base64: return read_base64(field, value, message.data);
        case Field::event:
            if (value.type != JsonValue::Type::object) return fail(FaultKind::bad_field, "`event` must be a CloudEvent, an object");
            message.event = value.text;
            return true;
        case Field::qos: return read_qos(value, message.qos);
        case Field::retain: return read_flag(field, value, message.retain);
        case Field::ttl: return read_duration(field, value, message.ttl);
        case Field::content_type: return read_text(field, value, message.content_type);
        case Field::headers: return read_headers(value, message);
        case Field::reply_to: return read_text(field, value, message.reply_to);
        case Field::correlation: {
            std::string_view text;
            if (!read_text(field, value, text)) return false;
            message.correlation = as_bytes(text);
            return true;
        }
        case Field::correlation_base64: return read_base64(field, value, message.correlation);
        case Field::timeout: return read_duration(field, value, out.timeout);
        case Field::expiry: return read_duration(field, value, out.expiry);
        case Field::window: {
            std::uint64_t window = 0;
            if (!read_count(field, value, most_window, window)) return false;
            out.window = static_cast<std::uint32_t>(window);
            return true;
        }
        case Field::clean: return read_flag(field, value, out.clean);
        case Field::seq: return read_count(field, value, most_sequence, message.sequence);
        case Field::repeat: return read_flag(field, value, message.repeat);
        case Field::resumed: return read_flag(field, value, out.resumed.emplace());
        case Field::from: return read_from(value, out.from);
        case Field::epoch: return read_epoch(value, position_of(out).epoch);
        case Field::offset: return read_offset(field, value, position_of(out).offset);
        case Field::limit: {
            std::uint64_t limit = 0;
            if (!read_count(field, value, most_history, limit)) return false;
            out.limit = static_cast<std::uint32_t>(limit);
            return true;
        }
        case Field::resume: return read_text(field, value, out.resume);
        case Field::last: return read_offset(field, value, out.last.emplace());
        case Field::messages: return read_messages(value, out.messages);
        case Field::code: return read_text(field, value, out.code);
        case Field::reason: return read_text(field, value, out.reason);
        case Field::token: return read_text(field, value, out.shown.token);
        case Field::user: return read_text(field, value, out.shown.user);
        case Field::password: return read_text(field, value, out.shown.password.emplace());
        case Field::method: return read_text(field, value, out.shown.method);
    }
    return false;
}

bool OperationDecoder::read_id(Value value, std::string_view& out) noexcept {
    if (value.type != JsonValue::Type::number && value.type != JsonValue::Type::string)
        return fail(FaultKind::bad_field, "`id` must be a number or a string");
    if (value.text.size() > max_id_bytes) return fail(FaultKind::bad_field, "`id` is longer than " + std::to_string(max_id_bytes) + " bytes");
    out = value.text;
    return true;
}

bool OperationDecoder::read_text(Field field, Value value, std::string_view& out) noexcept {
    if (value.type != JsonValue::Type::string) return fail(FaultKind::bad_field, quoted(field) + " must be a string");
    out = decoded(value);
    return true;
}

bool OperationDecoder::read_base64(Field field, Value value, Bytes& out) noexcept {
    std::string_view text;
    if (!read_text(field, value, text)) return false;
    unescaped_.reserve(2 * text_.size());
    const std::size_t before = unescaped_.size();
    if (!append_from_base64(unescaped_, text)) return fail(FaultKind::bad_field, quoted(field) + " is not base64");
    out = Bytes(unescaped_).subspan(before);
    return true;
}

bool OperationDecoder::read_qos(Value value, std::uint8_t& out) noexcept {
    if (value.text != "0" && value.text != "1" && value.text != "2") return fail(FaultKind::bad_field, "`qos` must be 0, 1 or 2");
    out = static_cast<std::uint8_t>(value.text.front() - '0');
    return true;
}

HistoryPosition& OperationDecoder::position_of(Operation& out) const noexcept {
    if (out.op == Op::message) return out.message.place;
    return out.position ? *out.position : out.position.emplace();
}

bool OperationDecoder::read_from(Value value, std::string_view& out) noexcept {
    if (!read_text(Field::from, value, out)) return false;
    return out == "first" || out == "now" || fail(FaultKind::bad_field, "`from` must be \"first\" or \"now\"");
}

bool OperationDecoder::read_epoch(Value value, std::uint64_t& out) noexcept {
    std::string_view text;
    if (!read_text(Field::epoch, value, text)) return false;
    const std::optional<std::uint64_t> epoch = parse_epoch(text);
    out = epoch.value_or(0);
    return epoch || fail(FaultKind::bad_field, "`epoch` must be 16 hexadecimal digits, as a message had it");
}

bool OperationDecoder::read_offset(Field field, Value value, std::uint64_t& out) noexcept {
    const char* const end = value.text.data() + value.text.size();
    const auto [stopped, error] = std::from_chars(value.text.data(), end, out);
    if (value.type == JsonValue::Type::number && error == std::errc() && stopped == end && out <= most_sequence) return true;
    return fail(FaultKind::bad_field, quoted(field) + " must be a whole number, as a message had it");
}

bool OperationDecoder::read_messages(Value value, std::string_view& out) noexcept {
    out = value.text;
    return value.type == JsonValue::Type::array || fail(FaultKind::bad_field, "`messages` must be an array");
}

bool OperationDecoder::read_flag(Field field, Value value, bool& out) noexcept {
    if (value.type != JsonValue::Type::boolean) return fail(FaultKind::bad_field, quoted(field) + " must be true or false");
    out = value.is_true();
    return true;
}

bool OperationDecoder::read_count(Field field, Value value, std::uint64_t most, std::uint64_t& out) noexcept {
    const char* const end = value.text.data() + value.text.size();
    const auto [stopped, error] = std::from_chars(value.text.data(), end, out);
    if (value.type == JsonValue::Type::number && error == std::errc() && stopped == end && out > 0 && out <= most) return true;
    return fail(FaultKind::bad_field, quoted(field) + " must be a whole number from 1 to " + std::to_string(most));
}

bool OperationDecoder::read_duration(Field field, Value value, std::optional<Duration>& out) noexcept {
    if (value.type == JsonValue::Type::number) out = parse_duration(value.text);
    if (value.type == JsonValue::Type::string) out = parse_duration(decoded(value));
    if (out && *out > Duration::zero()) return true;
    return fail(FaultKind::bad_field, quoted(field) + " must be seconds above 0, or a duration such as \"30s\" or \"5m\"");
}

/// A string is the payload; any other value is passed on as it was written.
bool OperationDecoder::read_data(Value value, Message& out) noexcept {
    if (value.type == JsonValue::Type::string) {
        out.data = as_bytes(decoded(value));
        return true;
    }
    out.data = as_bytes(value.text);
    if (!has(Field::content_type)) out.content_type = "application/json";
    return true;
}

bool OperationDecoder::read_headers(Value value, Message& out) noexcept {
    if (value.type == JsonValue::Type::object) return read_header_object(value, out);
    if (value.type == JsonValue::Type::array) return read_header_pairs(value, out);
    return fail(FaultKind::bad_field, "`headers` must be an object of strings, or an array of [name, value] pairs");
}

bool OperationDecoder::read_header_object(Value value, Message& out) noexcept {
    JsonCursor cursor(value);
    JsonValue name, text;
    while (cursor.next(name, text))
        if (!add_header(name, text, out)) return false;
    return true;
}

bool OperationDecoder::read_header_pairs(Value value, Message& out) noexcept {
    JsonCursor cursor(value);
    JsonValue pair, name, text, more;
    while (cursor.next(pair)) {
        if (pair.type != JsonValue::Type::array) return fail(FaultKind::bad_field, "`headers` holds something that is no [name, value] pair");
        JsonCursor parts(pair);
        if (!parts.next(name) || !parts.next(text) || parts.next(more))
            return fail(FaultKind::bad_field, "a pair in `headers` must hold exactly a name and a value");
        if (!add_header(name, text, out)) return false;
    }
    return true;
}

bool OperationDecoder::add_header(Value name, Value value, Message& out) noexcept {
    if (out.headers.size() == limits_.headers)
        return fail(FaultKind::too_large, "`headers` holds more than " + std::to_string(limits_.headers) + " headers");
    if (name.type != JsonValue::Type::string || value.type != JsonValue::Type::string)
        return fail(FaultKind::bad_field, "names and values in `headers` must be strings");
    const std::string_view text = decoded(name);
    if (text.empty()) return fail(FaultKind::bad_field, "a name in `headers` is empty");
    out.headers.push_back({text, decoded(value)});
    return true;
}

}  // namespace junctor::websocket
