#include "connectors/websocket/codec.hpp"

#include <algorithm>
#include <charconv>

#include "core/base/base64.hpp"
#include "core/base/json.hpp"
#include "core/base/utf8.hpp"

namespace junctor::websocket {
namespace {

using namespace std::string_view_literals;

/// `name` comes with its comma, quotes and colon: one append.
void append_text(ByteBuffer& to, std::string_view name, std::string_view text) {
    if (text.empty()) return;
    append(to, name);
    append_json_string(to, text);
}

/// Bytes are text where they can be; `name_base64` says where they cannot.
void append_bytes(ByteBuffer& to, std::string_view name, std::string_view name_base64, Bytes bytes) {
    if (valid_utf8(as_text(bytes))) {
        append(to, name);
        return append_json_string(to, as_text(bytes));
    }
    append(to, name_base64);
    append(to, "\""sv);
    append_base64(to, bytes);
    append(to, "\""sv);
}

/// Whole seconds, or with as many decimals as its milliseconds need.
void append_seconds(ByteBuffer& to, std::string_view name, Duration duration) {
    const auto total = std::chrono::ceil<std::chrono::milliseconds>(duration).count();
    char digits[32];
    char* end = std::to_chars(digits, digits + sizeof digits, total / 1'000).ptr;
    if (int thousandths = static_cast<int>(total % 1'000); thousandths > 0) {
        *end++ = '.';
        for (int unit = 100; thousandths > 0; thousandths %= unit, unit /= 10) *end++ = static_cast<char>('0' + thousandths / unit);
    }
    append(to, name);
    append(to, std::string_view(digits, static_cast<std::size_t>(end - digits)));
}

void append_count(ByteBuffer& to, std::string_view name, std::uint64_t count) {
    char digits[20];
    append(to, name);
    append(to, std::string_view(digits, static_cast<std::size_t>(std::to_chars(digits, digits + sizeof digits, count).ptr - digits)));
}

void append_position(ByteBuffer& to, HistoryPosition position) {
    append_text(to, ",\"epoch\":"sv, epoch_text(position.epoch));
    append_count(to, ",\"offset\":"sv, position.offset);
}

/// Another protocol may allow bytes in a header that JSON cannot show.
void append_header_text(ByteBuffer& to, std::string_view text) {
    if (valid_utf8(text)) return append_json_string(to, text);
    std::string replaced;
    while (!text.empty()) {
        const std::size_t size = utf8_sequence(text);
        replaced += size == 0 ? "\xef\xbf\xbd"sv : text.substr(0, size);
        text.remove_prefix(std::max<std::size_t>(size, 1));
    }
    append_json_string(to, replaced);
}

bool names_are_unique(const std::vector<HeaderView>& headers) noexcept {
    for (auto header = headers.begin(); header != headers.end(); ++header)
        if (std::any_of(headers.begin(), header, [&](const HeaderView& before) { return before.name == header->name; })) return false;
    return true;
}

/// An object where each name stands once, else pairs, which keep the duplicates.
void append_headers(ByteBuffer& to, const std::vector<HeaderView>& headers) {
    if (headers.empty()) return;
    const bool unique = names_are_unique(headers);
    append(to, unique ? ",\"headers\":{"sv : ",\"headers\":["sv);
    for (const HeaderView& header : headers) {
        if (&header != &headers.front()) append(to, ","sv);
        if (!unique) append(to, "["sv);
        append_header_text(to, header.name);
        append(to, unique ? ":"sv : ","sv);
        append_header_text(to, header.value);
        if (!unique) append(to, "]"sv);
    }
    append(to, unique ? "}"sv : "]"sv);
}

void append_place(ByteBuffer& to, const Message& message) {
    if (message.place.offset != 0) append_position(to, message.place);
}

void append_body(ByteBuffer& to, const Message& message) {
    append_text(to, ",\"topic\":"sv, message.topic);
    if (!message.event.empty()) {
        append(to, ",\"event\":"sv);
        append(to, message.event);
        append_text(to, ",\"reply_to\":"sv, message.reply_to);
        if (message.ttl) append_seconds(to, ",\"ttl\":"sv, *message.ttl);
        return append_place(to, message);
    }
    append_bytes(to, ",\"data\":"sv, ",\"data_base64\":"sv, message.data);
    if (!message.content_type.empty()) {
        append(to, ",\"content_type\":"sv);
        append_header_text(to, message.content_type);
    }
    append_headers(to, message.headers);
    append_text(to, ",\"reply_to\":"sv, message.reply_to);
    if (!message.correlation.empty()) append_bytes(to, ",\"correlation\":"sv, ",\"correlation_base64\":"sv, message.correlation);
    if (message.ttl) append_seconds(to, ",\"ttl\":"sv, *message.ttl);
    append_place(to, message);
}

void append_flags(ByteBuffer& to, std::uint8_t qos, bool retain) {
    if (qos == 1) append(to, ",\"qos\":1"sv);
    if (qos == 2) append(to, ",\"qos\":2"sv);
    if (retain) append(to, ",\"retain\":true"sv);
}

void append_shown(ByteBuffer& to, const Shown& shown) {
    append_text(to, ",\"token\":"sv, shown.token);
    append_text(to, ",\"user\":"sv, shown.user);
    if (shown.password) {
        append(to, ",\"password\":"sv);
        append_json_string(to, *shown.password);
    }
    append_text(to, ",\"method\":"sv, shown.method);
}

/// What a conversation about who somebody is says.
constexpr bool may_say(Op op) noexcept { return op == Op::auth || op == Op::challenge || op == Op::ack; }

constexpr bool has_body(Op op) noexcept {
    return op == Op::publish || op == Op::send || op == Op::request || op == Op::reply || op == Op::message;
}

}  // namespace

void append_operation(ByteBuffer& to, const Operation& operation) {
    append(to, "{\"op\":\""sv);
    append(to, to_string(operation.op));
    append(to, "\""sv);
    if (!operation.id.empty()) append(to, ",\"id\":"sv), append(to, operation.id);
    append_text(to, ",\"name\":"sv, operation.name);
    append_text(to, ",\"filter\":"sv, operation.filter);
    append_shown(to, operation.shown);
    append_flags(to, operation.message.qos, operation.message.retain);
    if (has_body(operation.op)) append_body(to, operation.message);
    if (may_say(operation.op) && !operation.message.data.empty())
        append_bytes(to, ",\"data\":"sv, ",\"data_base64\":"sv, operation.message.data);
    if (operation.message.sequence != 0) append_sequence(to, operation.message.sequence, operation.message.repeat);
    if (operation.timeout) append_seconds(to, ",\"timeout\":"sv, *operation.timeout);
    if (operation.expiry) append_seconds(to, ",\"expiry\":"sv, *operation.expiry);
    if (operation.window != 0) append_count(to, ",\"window\":"sv, operation.window);
    if (operation.clean) append(to, ",\"clean\":true"sv);
    if (operation.resumed) append(to, *operation.resumed ? ",\"resumed\":true"sv : ",\"resumed\":false"sv);
    append_text(to, ",\"from\":"sv, operation.from);
    append_text(to, ",\"resume\":"sv, operation.resume);
    if (operation.position) append_position(to, *operation.position);
    if (operation.limit != 0) append_count(to, ",\"limit\":"sv, operation.limit);
    if (operation.last) append_count(to, ",\"last\":"sv, *operation.last);
    if (!operation.messages.empty()) append(to, ",\"messages\":"sv), append(to, operation.messages);
    append_text(to, ",\"code\":"sv, operation.code);
    append_text(to, ",\"reason\":"sv, operation.reason);
    append(to, "}"sv);
}

std::string_view message_head(std::uint8_t qos, bool retain) noexcept {
    constexpr std::array heads{"{\"op\":\"message\""sv,
                               "{\"op\":\"message\",\"qos\":1"sv,
                               "{\"op\":\"message\",\"qos\":2"sv,
                               "{\"op\":\"message\",\"retain\":true"sv,
                               "{\"op\":\"message\",\"qos\":1,\"retain\":true"sv,
                               "{\"op\":\"message\",\"qos\":2,\"retain\":true"sv};
    return heads[std::min<std::size_t>(qos, 2) + (retain ? 3 : 0)];
}

void append_sequence(ByteBuffer& to, std::uint64_t sequence, bool repeat) {
    append_count(to, ",\"seq\":"sv, sequence);
    if (repeat) append(to, ",\"repeat\":true"sv);
}

void append_message_tail(ByteBuffer& to, const Message& message) {
    append_body(to, message);
    append(to, "}"sv);
}

void append_message(ByteBuffer& to, const Message& message) {
    append(to, message_head(message.qos, message.retain));
    append_message_tail(to, message);
}

}  // namespace junctor::websocket
