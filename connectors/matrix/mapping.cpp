#include "connectors/matrix/mapping.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>

#include "core/base/base64.hpp"
#include "core/base/json.hpp"
#include "core/base/utf8.hpp"
#include "core/model/hop_path.hpp"

namespace junctor::matrix {
namespace {

using namespace std::string_view_literals;
using nlohmann::json;

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

/// Text where that is shorter than base64: escapes can make it six times as long.
bool goes_as_text(Bytes bytes) noexcept {
    const auto escaped = static_cast<std::size_t>(std::ranges::count_if(bytes, [](std::uint8_t c) { return c < 0x20 || c == '"' || c == '\\'; }));
    return escaped * 15 <= bytes.size() && std::ranges::find(bytes, 0) == bytes.end() && valid_utf8(as_text(bytes));
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

std::string session_text(SessionId session) {
    std::array<char, 16> digits{};
    const char* const end = std::to_chars(digits.data(), digits.data() + digits.size(), session.value, 16).ptr;
    return {digits.data(), static_cast<std::size_t>(end - digits.data())};
}

/// The members of a message but for its payload, without braces.
bool append_fields(ByteBuffer& to, const Envelope& envelope, TimePoint now, std::string_view gateway, bool topic) {
    const Extras* const extras = envelope.extras();
    const std::optional<std::string> hops = with_hop(extras ? std::string_view(extras->hops) : std::string_view(), gateway);
    if (!hops) return false;
    append_text(to, "\"hops\":"sv, *hops);
    if (topic) {
        append_text(to, ",\"topic\":"sv, envelope.topic_text());
        if (envelope.topic().tenant() != TenantId{}) append_number(to, ",\"tenant\":"sv, envelope.topic().tenant().value);
    }
    if (envelope.qos() != Qos::at_most_once) append(to, ",\"qos\":1"sv);
    if (envelope.kind() != Kind::publish) append_text(to, ",\"kind\":"sv, kinds[static_cast<std::size_t>(envelope.kind())]);
    if (envelope.expires()) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(std::max(envelope.expires_at() - now, Duration::zero()));
        append_number(to, ",\"ttlMs\":"sv, std::min<std::int64_t>(left.count(), longest_ttl_ms));
    }
    if (envelope.origin()) append_text(to, ",\"origin\":"sv, session_text(envelope.origin()));
    if (extras) append_extras(to, *extras);
    return true;
}

/// Reads the members of one message.
class MessageReader {
public:
    explicit MessageReader(ArrivedMessage& out) : out_(out) {}

    bool read(const json& message) {
        if (!message.is_object()) return false;
        for (const auto& [name, value] : message.items())
            if (!member(name, value)) return false;
        return !out_.topic.empty() || out_.set_topic(tenant_, std::move(topic_));
    }

private:
    bool member(const std::string& name, const json& value) {
        if (name == "topic") return text(value, topic_);
        if (name == "tenant") return tenant(value);
        if (name == "qos") return out_.draft.qos = value == 1 ? Qos::at_least_once : Qos::at_most_once, true;
        if (name == "kind") return kind(value);
        if (name == "data") return bytes(value, out_.payload);
        if (name == "data64") return base64(value, out_.payload);
        if (name == "ttlMs") return ttl(value);
        if (name == "contentType") return text(value, out_.extras().content_type);
        if (name == "replyTo") return text(value, out_.extras().reply_to);
        if (name == "correlation") return bytes(value, out_.extras().correlation);
        if (name == "correlation64") return base64(value, out_.extras().correlation);
        if (name == "trace") return text(value, out_.extras().trace);
        if (name == "text") return out_.extras().is_text = value == true, true;
        if (name == "headers") return headers(value);
        if (name == "hops") return text(value, out_.extras().hops) && is_hop_path(out_.extras().hops);
        if (name == "origin") return origin(value);
        return true;
    }
    static bool text(const json& value, std::string& to) {
        if (!value.is_string()) return false;
        to = value.get_ref<const std::string&>();
        return true;
    }
    static bool bytes(const json& value, ByteBuffer& to) {
        if (!value.is_string()) return false;
        append(to, std::string_view(value.get_ref<const std::string&>()));
        return true;
    }
    static bool base64(const json& value, ByteBuffer& to) { return value.is_string() && append_from_base64(to, value.get_ref<const std::string&>()); }
    bool tenant(const json& value) {
        using Number = decltype(tenant_.value);
        if (!value.is_number_unsigned() || value.get<std::uint64_t>() > std::numeric_limits<Number>::max()) return false;
        tenant_.value = value.get<Number>();
        return true;
    }
    bool kind(const json& value) {
        std::string name;
        if (!text(value, name)) return false;
        const auto at = std::ranges::find(kinds, name);
        if (at == kinds.end() || *at == "event") return false;  // only a gateway makes those of its own
        out_.draft.kind = static_cast<Kind>(at - kinds.begin());
        return true;
    }
    bool ttl(const json& value) {
        if (!value.is_number_unsigned() || value.get<std::uint64_t>() > static_cast<std::uint64_t>(longest_ttl_ms)) return false;
        out_.draft.ttl = std::chrono::milliseconds(value.get<std::int64_t>());
        return true;
    }
    bool origin(const json& value) {
        std::string written;
        if (!text(value, written)) return false;
        std::from_chars(written.data(), written.data() + written.size(), out_.origin.value, 16);
        return true;
    }
    bool headers(const json& value) {
        if (!value.is_array()) return false;
        for (const json& pair : value) {
            Header header;
            if (!pair.is_array() || pair.size() != 2 || !text(pair[0], header.name) || !text(pair[1], header.value)) return false;
            out_.extras().headers.push_back(std::move(header));
        }
        return true;
    }

    ArrivedMessage& out_;
    std::string topic_;
    TenantId tenant_;
};

}  // namespace

std::optional<std::string> to_json(const Envelope& envelope, TimePoint now, std::string_view gateway, bool topic) {
    ByteBuffer to;
    to.reserve(envelope.payload().size() * 4 / 3 + 256);
    append(to, "{"sv);
    if (!append_fields(to, envelope, now, gateway, topic)) return std::nullopt;
    append_bytes(to, ",\"data\":"sv, ",\"data64\":"sv, envelope.payload());
    append(to, "}"sv);
    return std::string(as_text(to));
}

bool from_json(const json& message, std::string_view gateway, ArrivedMessage& out) {
    if (!MessageReader(out).read(message)) return false;
    out.finish(gateway);
    return true;
}

std::optional<SingleEvent> to_single_event(const Envelope& envelope, TimePoint now, std::string_view gateway) {
    ByteBuffer to;
    if (envelope.payload().empty() || !goes_as_text(envelope.payload())) {
        std::optional<std::string> message = to_json(envelope, now, gateway, false);
        if (!message) return std::nullopt;
        return SingleEvent{single_event, "{\"junctor\":" + *message + "}"};
    }
    append(to, "{\"msgtype\":\"m.text\",\"junctor\":{"sv);
    if (!append_fields(to, envelope, now, gateway, false)) return std::nullopt;
    append_text(to, "},\"body\":"sv, as_text(envelope.payload()));
    append(to, "}"sv);
    return SingleEvent{text_event, std::string(as_text(to))};
}

bool from_single_event(std::string_view type, const json& content, std::string_view gateway, ArrivedMessage& out) {
    if (!content.is_object() || (type != text_event && type != single_event)) return false;
    const auto ours = content.find(envelope_key);
    if (ours != content.end() && !MessageReader(out).read(*ours)) return false;
    if (type == text_event) {
        const auto body = content.find("body");
        if (body == content.end() || !body->is_string()) return false;
        out.payload.clear();
        append(out.payload, std::string_view(body->get_ref<const std::string&>()));
        if (ours == content.end()) out.draft.qos = Qos::at_least_once;
    } else if (ours == content.end()) {
        return false;
    }
    out.finish(gateway);
    return true;
}

}  // namespace junctor::matrix
