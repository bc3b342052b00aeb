#include "connectors/vertx/bus_envelope.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/base/base64.hpp"
#include "core/base/json.hpp"
#include "core/base/utf8.hpp"
#include "core/model/hop_path.hpp"

namespace junctor::vertx {
namespace {

using namespace std::string_view_literals;

constexpr std::int64_t longest_ttl_ms = std::int64_t{1} << 42;
constexpr std::array<std::string_view, 5> kinds{"publish", "send", "request", "reply", "event"};

void append_text(ByteBuffer& to, std::string_view name, std::string_view text) {
    if (text.empty()) return;
    append(to, name);
    append_json_string(to, text);
}

void append_count(ByteBuffer& to, std::string_view name, std::uint64_t count) {
    append(to, name);
    append(to, std::string_view(std::to_string(count)));
}

void append_bytes(ByteBuffer& to, std::string_view name, std::string_view name_base64, Bytes bytes) {
    if (bytes.empty()) return;
    if (valid_utf8(as_text(bytes))) return append_text(to, name, as_text(bytes));
    append(to, name_base64);
    append(to, "\""sv);
    append_base64(to, bytes);
    append(to, "\""sv);
}

bool can_carry(const Header& header) noexcept { return valid_utf8(header.name) && valid_utf8(header.value); }

void append_headers(ByteBuffer& to, const std::vector<Header>& headers) {
    if (headers.empty()) return;
    append(to, ",\"headers\":["sv);
    bool any = false;
    for (const Header& each : headers) {
        if (!can_carry(each)) continue;
        append(to, std::exchange(any, true) ? ",["sv : "["sv);
        append_json_string(to, each.name);
        append(to, ","sv);
        append_json_string(to, each.value);
        append(to, "]"sv);
    }
    append(to, "]"sv);
}

void append_extras(ByteBuffer& to, const Extras& extras) {
    if (valid_utf8(extras.content_type)) append_text(to, ",\"contentType\":"sv, extras.content_type);
    append_text(to, ",\"replyTo\":"sv, extras.reply_to);
    append_bytes(to, ",\"correlation\":"sv, ",\"correlation64\":"sv, extras.correlation);
    if (valid_utf8(extras.trace)) append_text(to, ",\"trace\":"sv, extras.trace);
    if (extras.is_text) append(to, ",\"text\":true"sv);
    append_headers(to, extras.headers);
}

/// Reads the members of one body.
class EnvelopeReader {
public:
    explicit EnvelopeReader(ArrivedMessage& out) : out_(out) {}

    bool read(const JsonValue& root) {
        JsonCursor members(root);
        for (JsonValue name, value; members.next(name, value);)
            if (!member(name.bare(), value)) return false;
        return out_.set_topic(tenant_, std::move(topic_));
    }

private:
    bool member(std::string_view name, const JsonValue& value) {
        if (name == "topic") return text(value, topic_);
        if (name == "tenant") return number(value, tenant_.value);
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

std::string session_text(SessionId session) {
    std::array<char, 16> digits{};
    const char* const end = std::to_chars(digits.data(), digits.data() + digits.size(), session.value, 16).ptr;
    return {digits.data(), static_cast<std::size_t>(end - digits.data())};
}

SessionId session_of(std::string_view text) noexcept {
    SessionId session;
    std::from_chars(text.data(), text.data() + text.size(), session.value, 16);
    return session;
}

bool append_bus_envelope(ByteBuffer& to, const Envelope& envelope, TimePoint now, const std::string& gateway) {
    const Extras* const extras = envelope.extras();
    const std::optional<std::string> hops = with_hop(extras ? std::string_view(extras->hops) : std::string_view(), gateway);
    if (!hops) return false;
    append(to, "{\"topic\":"sv);
    append_json_string(to, envelope.topic_text());
    if (envelope.topic().tenant() != TenantId{}) append_count(to, ",\"tenant\":"sv, envelope.topic().tenant().value);
    if (envelope.kind() != Kind::publish) append_text(to, ",\"kind\":"sv, kinds[static_cast<std::size_t>(envelope.kind())]);
    if (envelope.expires()) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(std::max(envelope.expires_at() - now, Duration::zero()));
        append_count(to, ",\"ttlMs\":"sv, static_cast<std::uint64_t>(std::min<std::int64_t>(left.count(), longest_ttl_ms)));
    }
    if (extras) append_extras(to, *extras);
    append_text(to, ",\"hops\":"sv, *hops);
    if (envelope.origin()) append_text(to, ",\"origin\":"sv, session_text(envelope.origin()));
    append_bytes(to, ",\"data\":"sv, ",\"data64\":"sv, envelope.payload());
    append(to, "}"sv);
    return true;
}

bool read_bus_envelope(std::string_view body, const std::string& gateway, ArrivedMessage& out) {
    if (!body.starts_with('{') || !EnvelopeReader(out).read({JsonValue::Type::object, body})) return false;
    out.finish(gateway);
    return true;
}

}  // namespace junctor::vertx
