#include "connectors/zeromq/codec_fields.hpp"

#include <algorithm>
#include <charconv>

#include "core/base/base64.hpp"
#include "core/base/duration_text.hpp"
#include "core/base/json.hpp"
#include "core/base/json_reader.hpp"
#include "core/base/utf8.hpp"
#include "core/model/history_position.hpp"

namespace junctor::zeromq {
namespace {

using Type = JsonValue::Type;

std::string text_of(const JsonValue& string) {
    if (string.plain()) return std::string(string.bare());
    ByteBuffer characters;
    append_decoded(characters, string);
    return std::string(as_text(characters));
}

bool read_text(const JsonValue& value, std::string& out) {
    if (value.type != Type::string) return false;
    out = text_of(value);
    return true;
}

bool read_duration(const JsonValue& value, std::optional<Duration>& out) {
    if (value.type == Type::number) out = parse_duration(value.text);
    else if (value.type == Type::string) out = parse_duration(text_of(value));
    return out && *out > Duration::zero();
}

bool read_qos(const JsonValue& value, std::optional<std::uint8_t>& out) {
    if (value.text != "0" && value.text != "1" && value.text != "2") return false;
    out = static_cast<std::uint8_t>(value.text.front() - '0');
    return true;
}

bool read_flag(const JsonValue& value, bool& out) {
    out = value.is_true();
    return value.type == Type::boolean;
}

bool read_count(const JsonValue& value, std::uint64_t& out) {
    if (value.type == Type::number) out = count_in(value.text);
    return out != 0;
}

bool read_from(const JsonValue& value, std::string& out) { return read_text(value, out) && (out == "first" || out == "now"); }

bool read_epoch(const JsonValue& value, std::optional<std::uint64_t>& out) {
    if (value.type == Type::string) out = parse_epoch(text_of(value));
    return out.has_value();
}

bool read_offset(const JsonValue& value, std::optional<std::uint64_t>& out) {
    if (value.type != Type::number) return false;
    out = count_in(value.text);
    return *out != 0 || value.text == "0";
}

bool read_base64(const JsonValue& value, ByteBuffer& out) {
    out.clear();
    return value.type == Type::string && append_from_base64(out, text_of(value));
}

bool read_correlation(const JsonValue& value, ByteBuffer& out) {
    if (value.type != Type::string) return false;
    out.clear();
    append_decoded(out, value);
    return true;
}

bool add_header(const JsonValue& name, const JsonValue& value, const FieldsLimits& limits, Fields& out) {
    if (out.headers.size() >= limits.headers || name.type != Type::string || value.type != Type::string) return false;
    out.headers.emplace_back(text_of(name), text_of(value));
    return !out.headers.back().first.empty();
}

bool read_header_object(const JsonValue& object, const FieldsLimits& limits, Fields& out) {
    JsonCursor cursor(object);
    JsonValue name, value;
    while (cursor.next(name, value))
        if (!add_header(name, value, limits, out)) return false;
    return true;
}

bool read_header_pairs(const JsonValue& pairs, const FieldsLimits& limits, Fields& out) {
    JsonCursor cursor(pairs);
    JsonValue pair, name, value, more;
    while (cursor.next(pair)) {
        if (pair.type != Type::array) return false;
        JsonCursor parts(pair);
        if (!parts.next(name) || !parts.next(value) || parts.next(more)) return false;
        if (!add_header(name, value, limits, out)) return false;
    }
    return true;
}

bool read_headers(const JsonValue& value, const FieldsLimits& limits, Fields& out) {
    if (value.type == Type::object) return read_header_object(value, limits, out);
    return value.type == Type::array && read_header_pairs(value, limits, out);
}

struct Member {
    std::string_view name;
    std::string_view fault;
    bool (*read)(const JsonValue& value, const FieldsLimits& limits, Fields& out);
};

using Value = const JsonValue&;
using Limited = const FieldsLimits&;

constexpr Member members[] = {
    {"content_type", "content_type is not text", [](Value value, Limited, Fields& out) { return read_text(value, out.content_type); }},
    {"headers", "headers is neither an object of texts nor an array of [name, value] pairs, or has too many", read_headers},
    {"qos", "qos is not 0, 1 or 2", [](Value value, Limited, Fields& out) { return read_qos(value, out.qos); }},
    {"retain", "retain is not true or false", [](Value value, Limited, Fields& out) { return read_flag(value, out.retain); }},
    {"ttl", "ttl is not a duration", [](Value value, Limited, Fields& out) { return read_duration(value, out.ttl); }},
    {"timeout", "timeout is not a duration", [](Value value, Limited, Fields& out) { return read_duration(value, out.timeout); }},
    {"expiry", "expiry is not a duration", [](Value value, Limited, Fields& out) { return read_duration(value, out.expiry); }},
    {"window", "window is not a whole number above 0", [](Value value, Limited, Fields& out) { return read_count(value, out.window); }},
    {"clean", "clean is not true or false", [](Value value, Limited, Fields& out) { return read_flag(value, out.clean); }},
    {"resumed", "resumed is not true or false", [](Value value, Limited, Fields& out) { return read_flag(value, out.resumed.emplace()); }},
    {"seq", "seq is not a whole number above 0", [](Value value, Limited, Fields& out) { return read_count(value, out.sequence); }},
    {"repeat", "repeat is not true or false", [](Value value, Limited, Fields& out) { return read_flag(value, out.repeat); }},
    {"from", "from is neither first nor now", [](Value value, Limited, Fields& out) { return read_from(value, out.from); }},
    {"epoch", "epoch is not 16 hexadecimal digits", [](Value value, Limited, Fields& out) { return read_epoch(value, out.epoch); }},
    {"offset", "offset is not a whole number", [](Value value, Limited, Fields& out) { return read_offset(value, out.offset); }},
    {"resume", "resume is not text", [](Value value, Limited, Fields& out) { return read_text(value, out.resume); }},
    {"reply_to", "reply_to is not text", [](Value value, Limited, Fields& out) { return read_text(value, out.reply_to); }},
    {"correlation", "correlation is not text", [](Value value, Limited, Fields& out) { return read_correlation(value, out.correlation); }},
    {"correlation_base64", "correlation_base64 is not base64",
     [](Value value, Limited, Fields& out) { return read_base64(value, out.correlation); }},
};

std::string_view read_member(const JsonValue& name, const JsonValue& value, const FieldsLimits& limits, Fields& out) {
    const std::string text = text_of(name);
    for (const Member& member : members)
        if (member.name == text) return member.read(value, limits, out) ? std::string_view() : member.fault;
    return "the headers frame has an unknown member; valid here: content_type, headers, qos, retain, ttl, timeout, expiry, window, clean, seq, from, epoch, offset, "
           "reply_to, correlation, correlation_base64";
}

// Another protocol may allow bytes in a header that JSON cannot show.
std::string with_replacements(std::string_view text) {
    std::string shown;
    while (!text.empty()) {
        const std::size_t size = utf8_sequence(text);
        shown += size == 0 ? std::string_view("\xef\xbf\xbd") : text.substr(0, size);
        text.remove_prefix(std::max<std::size_t>(size, 1));
    }
    return shown;
}

void append_text(std::string& to, std::string_view text) {
    ByteBuffer quoted;
    append_json_string(quoted, valid_utf8(text) ? std::string(text) : with_replacements(text));
    to.append(as_text(quoted));
}

void append_name(std::string& to, std::string_view name) {
    if (!to.empty()) to.push_back(',');
    append_text(to, name);
    to.push_back(':');
}

void append_text_member(std::string& to, std::string_view name, std::string_view value) {
    if (value.empty()) return;
    append_name(to, name);
    append_text(to, value);
}

// Rounded up to milliseconds, so that a time just set reads as it was set.
void append_seconds(std::string& to, Duration duration) {
    const auto ms = std::max<std::int64_t>(std::chrono::ceil<std::chrono::milliseconds>(duration).count(), 0);
    to += std::to_string(ms / 1000);
    if (ms % 1000 == 0) return;
    std::string fraction = std::to_string(1000 + ms % 1000);
    fraction.front() = '.';
    to.append(fraction, 0, fraction.find_last_not_of('0') + 1);
}

void append_correlation(std::string& to, const ByteBuffer& correlation) {
    if (correlation.empty()) return;
    if (valid_utf8(as_text(correlation))) {
        append_text_member(to, "correlation", as_text(correlation));
        return;
    }
    ByteBuffer base64;
    append_base64(base64, correlation);
    append_text_member(to, "correlation_base64", as_text(base64));
}

void append_flag(std::string& to, std::string_view name, bool value) {
    if (!value) return;
    append_name(to, name);
    to += "true";
}

using HeaderList = std::vector<std::pair<std::string, std::string>>;

bool names_are_unique(const HeaderList& headers) {
    for (auto header = headers.begin(); header != headers.end(); ++header)
        if (std::any_of(headers.begin(), header, [&](const auto& before) { return before.first == header->first; })) return false;
    return true;
}

// An object where each name stands once, else pairs, which keep order and duplicates.
void append_headers(std::string& to, const HeaderList& headers) {
    if (headers.empty()) return;
    const bool unique = names_are_unique(headers);
    append_name(to, "headers");
    to.push_back(unique ? '{' : '[');
    for (const auto& header : headers) {
        if (&header != &headers.front()) to.push_back(',');
        if (!unique) to.push_back('[');
        append_text(to, header.first);
        to.push_back(unique ? ':' : ',');
        append_text(to, header.second);
        if (!unique) to.push_back(']');
    }
    to.push_back(unique ? '}' : ']');
}

}  // namespace

bool about_sessions(const Fields& fields) noexcept {
    return fields.expiry || fields.window != 0 || fields.clean || fields.resumed || fields.sequence != 0 || fields.repeat;
}

bool about_history(const Fields& fields) noexcept { return !fields.from.empty() || fields.epoch || fields.offset || !fields.resume.empty(); }

std::uint64_t count_in(std::string_view text) noexcept {
    std::uint64_t count = 0;
    const char* const end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, count);
    return error == std::errc() && stopped == end ? count : 0;
}

std::string_view decode_fields(Bytes frame, const FieldsLimits& limits, Fields& out) {
    if (frame.empty()) return {};
    if (frame.size() > limits.bytes) return "the headers frame is too large";
    const JsonLimits json{.nesting = limits.nesting, .bytes = limits.bytes};
    const JsonDocument document = read_json(as_text(frame), json);
    if (document.error != JsonErrc::ok || document.root.type != Type::object) return "the headers frame is not a JSON object";
    JsonCursor cursor(document.root);
    JsonValue name, value;
    while (cursor.next(name, value))
        if (const std::string_view fault = read_member(name, value, limits, out); !fault.empty()) return fault;
    return {};
}

void append_members(std::string& to, const Fields& fields) {
    append_text_member(to, "content_type", fields.content_type);
    append_headers(to, fields.headers);
    if (fields.qos) {
        append_name(to, "qos");
        to += std::to_string(*fields.qos);
    }
    append_flag(to, "retain", fields.retain);
    if (fields.sequence != 0) {
        append_name(to, "seq");
        to += std::to_string(fields.sequence);
    }
    append_flag(to, "repeat", fields.repeat);
    if (fields.resumed) {
        append_name(to, "resumed");
        to += *fields.resumed ? "true" : "false";
    }
    if (fields.expiry) {
        append_name(to, "expiry");
        append_seconds(to, *fields.expiry);
    }
    if (fields.window != 0) {
        append_name(to, "window");
        to += std::to_string(fields.window);
    }
    append_flag(to, "clean", fields.clean);
    if (fields.ttl) {
        append_name(to, "ttl");
        append_seconds(to, *fields.ttl);
    }
    if (fields.timeout) {
        append_name(to, "timeout");
        append_seconds(to, *fields.timeout);
    }
    append_text_member(to, "from", fields.from);
    append_text_member(to, "resume", fields.resume);
    if (fields.epoch) append_text_member(to, "epoch", epoch_text(*fields.epoch));
    if (fields.offset) {
        append_name(to, "offset");
        to += std::to_string(*fields.offset);
    }
    append_text_member(to, "reply_to", fields.reply_to);
    append_correlation(to, fields.correlation);
}

std::string fields_frame(std::string_view members) {
    if (members.empty()) return {};
    std::string frame;
    frame.reserve(members.size() + 2);
    return frame.append("{").append(members).append("}");
}

std::string error_frame(std::string_view code, std::string_view reason) {
    std::string members;
    append_text_member(members, "code", code);
    append_text_member(members, "reason", reason);
    return fields_frame(members);
}

std::string error_reason(Bytes frame) {
    const JsonDocument document = read_json(as_text(frame), {});
    if (document.error != JsonErrc::ok || document.root.type != Type::object) return {};
    JsonCursor cursor(document.root);
    JsonValue name, value;
    std::string reason;
    while (cursor.next(name, value))
        if (text_of(name) == "reason") read_text(value, reason);
    return reason;
}

}  // namespace junctor::zeromq
