#include "core/bridging/envelope_json.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/base/base64.hpp"
#include "core/base/json.hpp"
#include "core/base/utf8.hpp"
#include "core/model/hop_path.hpp"
#include "core/model/session_text.hpp"

namespace junctor {
namespace {

using namespace std::string_view_literals;

constexpr std::array<std::string_view, 5> kinds{"publish", "send", "request", "reply", "event"};
constexpr std::int64_t longest_ttl_ms = std::int64_t{1} << 42;

void append_text(ByteBuffer& to, std::string_view name, std::string_view text) {
    if (text.empty() || !valid_utf8(text)) return;
    append(to, name);
    append_json_string(to, text);
}

void append_number(ByteBuffer& to, std::string_view name, std::int64_t number) {
    append(to, name);
    append(to, std::string_view(std::to_string(number)));
}

void append_bytes(ByteBuffer& to, std::string_view name, std::string_view name_base64, Bytes bytes) {
    if (bytes.empty()) return;
    if (goes_as_text(bytes)) return append_text(to, name, as_text(bytes));
    append(to, name_base64);
    append(to, "\""sv);
    append_base64(to, bytes);
    append(to, "\""sv);
}

void append_headers(ByteBuffer& to, const std::vector<Header>& headers) {
    if (headers.empty()) return;
    append(to, ",\"headers\":["sv);
    bool any = false;
    for (const Header& each : headers) {
        if (!valid_utf8(each.name) || !valid_utf8(each.value)) continue;
        append(to, std::exchange(any, true) ? ",["sv : "["sv);
        append_json_string(to, each.name);
        append(to, ","sv);
        append_json_string(to, each.value);
        append(to, "]"sv);
    }
    append(to, "]"sv);
}

void append_extras(ByteBuffer& to, const Extras& extras) {
    append_text(to, ",\"contentType\":"sv, extras.content_type);
    append_text(to, ",\"replyTo\":"sv, extras.reply_to);
    append_bytes(to, ",\"correlation\":"sv, ",\"correlation64\":"sv, extras.correlation);
    append_text(to, ",\"trace\":"sv, extras.trace);
    if (extras.is_text) append(to, ",\"text\":true"sv);
    append_headers(to, extras.headers);
}

/// Reads the members of one object.
class EnvelopeReader {
public:
    explicit EnvelopeReader(ArrivedMessage& out) : out_(out) {}

    bool read(const JsonValue& root) {
        JsonCursor members(root);
        for (JsonValue name, value; members.next(name, value);)
            if (!member(name.bare(), value)) return false;
        return !out_.topic.empty() || out_.set_topic(tenant_, std::move(topic_));
    }

private:
    bool member(std::string_view name, const JsonValue& value) {
        if (name == "topic") return text(value, topic_);
        if (name == "tenant") return number(value, tenant_.value);
        if (name == "qos") return out_.draft.qos = value.text == "1" ? Qos::at_least_once : Qos::at_most_once, true;
        if (name == "kind") return kind(value);
        if (name == "data") return bytes(value, out_.payload);
        if (name == "data64") return base64(value, out_.payload);
        if (name == "ttlMs") return ttl(value);
        if (name == "contentType") return text(value, out_.extras().content_type);
        if (name == "replyTo") return text(value, out_.extras().reply_to);
        if (name == "correlation") return bytes(value, out_.extras().correlation);
        if (name == "correlation64") return base64(value, out_.extras().correlation);
        if (name == "trace") return text(value, out_.extras().trace);
        if (name == "text") return out_.extras().is_text = value.is_true(), true;
        if (name == "headers") return headers(value);
        if (name == "hops") return text(value, out_.extras().hops) && is_hop_path(out_.extras().hops);
        if (name == "origin") return origin(value);
        return true;
    }
    static bool bytes(const JsonValue& value, ByteBuffer& to) {
        if (value.type != JsonValue::Type::string) return false;
        append_decoded(to, value);
        return true;
    }
    static bool text(const JsonValue& value, std::string& to) {
        ByteBuffer decoded;
        if (!bytes(value, decoded)) return false;
        to.assign(as_text(decoded));
        return true;
    }
    static bool base64(const JsonValue& value, ByteBuffer& to) {
        return value.type == JsonValue::Type::string && append_from_base64(to, value.bare());
    }
    template <class Number>
    static bool number(const JsonValue& value, Number& to) {
        const char* const end = value.text.data() + value.text.size();
        const auto read = std::from_chars(value.text.data(), end, to);
        return value.type == JsonValue::Type::number && read.ec == std::errc() && read.ptr == end;
    }
    bool kind(const JsonValue& value) {
        std::string name;
        if (!text(value, name)) return false;
        const auto at = std::ranges::find(kinds, name);
        if (at == kinds.end() || *at == "event") return false;  // only a gateway makes those of its own
        out_.draft.kind = static_cast<Kind>(at - kinds.begin());
        return true;
    }
    bool ttl(const JsonValue& value) {
        std::int64_t milliseconds = 0;
        if (!number(value, milliseconds) || milliseconds < 0 || milliseconds > longest_ttl_ms) return false;
        out_.draft.ttl = std::chrono::milliseconds(milliseconds);
        return true;
    }
    bool origin(const JsonValue& value) {
        std::string written;
        if (!text(value, written)) return false;
        out_.origin = session_of(written);
        return true;
    }
    bool headers(const JsonValue& value) {
        if (value.type != JsonValue::Type::array) return false;
        JsonCursor pairs(value);
        for (JsonValue pair; pairs.next(pair);) {
            if (pair.type != JsonValue::Type::array) return false;
            Header header;
            JsonCursor parts(pair);
            JsonValue name, content, more;
            if (!parts.next(name) || !parts.next(content) || parts.next(more)) return false;
            if (!text(name, header.name) || !text(content, header.value)) return false;
            out_.extras().headers.push_back(std::move(header));
        }
        return true;
    }

    ArrivedMessage& out_;
    std::string topic_;
    TenantId tenant_;
};

}  // namespace

bool append_envelope_members(ByteBuffer& to, const Envelope& envelope, TimePoint now, std::string_view gateway, EnvelopeParts parts) {
    const Extras* const extras = envelope.extras();
    const std::optional<std::string> hops = with_hop(extras ? std::string_view(extras->hops) : std::string_view(), gateway);
    if (!hops) return false;
    append_text(to, "\"hops\":"sv, *hops);
    if (parts.topic) {
        append_text(to, ",\"topic\":"sv, envelope.topic_text());
        if (envelope.topic().tenant() != TenantId{}) append_number(to, ",\"tenant\":"sv, envelope.topic().tenant().value);
    }
    if (parts.qos && envelope.qos() != Qos::at_most_once) append(to, ",\"qos\":1"sv);
    if (envelope.kind() != Kind::publish) append_text(to, ",\"kind\":"sv, kinds[static_cast<std::size_t>(envelope.kind())]);
    if (envelope.expires()) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(std::max(envelope.expires_at() - now, Duration::zero()));
        append_number(to, ",\"ttlMs\":"sv, std::min<std::int64_t>(left.count(), longest_ttl_ms));
    }
    if (envelope.origin()) append_text(to, ",\"origin\":"sv, session_text(envelope.origin()));
    if (extras) append_extras(to, *extras);
    return true;
}

bool append_envelope_json(ByteBuffer& to, const Envelope& envelope, TimePoint now, std::string_view gateway, EnvelopeParts parts) {
    append(to, "{"sv);
    if (!append_envelope_members(to, envelope, now, gateway, parts)) return false;
    append_bytes(to, ",\"data\":"sv, ",\"data64\":"sv, envelope.payload());
    append(to, "}"sv);
    return true;
}

bool read_envelope_json(std::string_view object, ArrivedMessage& out) {
    return object.starts_with('{') && EnvelopeReader(out).read({JsonValue::Type::object, object});
}

bool goes_as_text(Bytes bytes) noexcept {
    const auto escaped = static_cast<std::size_t>(std::ranges::count_if(bytes, [](std::uint8_t c) { return c < 0x20 || c == '"' || c == '\\'; }));
    return escaped * 15 <= bytes.size() && std::ranges::find(bytes, 0) == bytes.end() && valid_utf8(as_text(bytes));
}

}  // namespace junctor
