#include "connectors/vertx/mapping.hpp"

#include <algorithm>
#include <charconv>

#include "connectors/vertx/address_mapping.hpp"
#include "core/base/json_reader.hpp"

namespace junctor::vertx {
namespace {

constexpr std::string_view failure_code_header = "failureCode";
constexpr std::string_view failure_type_header = "failureType";

std::optional<std::int64_t> number_in(std::string_view text) noexcept {
    std::int64_t number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    return read.ec == std::errc() && read.ptr == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

/// Delivery options are for the bus, not for the receiver.
void take_options(Frame& frame, Duration& timeout) {
    std::erase_if(frame.headers, [&](const HeaderView& each) {
        if (each.name == "timeout") {
            const auto milliseconds = number_in(each.value);
            if (milliseconds && *milliseconds > 0 && *milliseconds < 86'400'000) timeout = std::chrono::milliseconds(*milliseconds);
        }
        return each.name == "timeout" || each.name == "localOnly" || each.name == "codecName";
    });
}

const std::string* header(const Extras& extras, std::string_view name) noexcept {
    const auto at = std::ranges::find(extras.headers, name, &Header::name);
    return at == extras.headers.end() ? nullptr : &at->value;
}

std::string text_of(const JsonValue& value) {
    ByteBuffer text;
    if (value.type == JsonValue::Type::string) append_decoded(text, value);
    return std::string(as_text(text));
}

}  // namespace

bool draft_of(const Frame& sent, TenantId tenant, ArrivedMessage& out, Duration& timeout) {
    Frame frame = sent;
    take_options(frame, timeout);
    if (!out.set_topic(tenant, topic_of_address(frame.address)) || !from_bus(frame, {}, out)) return false;
    const bool answers = out.topic.starts_with(inbox_prefix);
    out.draft.kind = answers ? Kind::reply : frame.type == Type::send ? Kind::send : Kind::publish;
    if (!answers || !frame.failure_code) return true;
    out.payload.assign(frame.message.begin(), frame.message.end());
    out.draft.payload = out.payload;
    out.extras().headers.push_back({std::string(failure_code_header), std::to_string(*frame.failure_code)});
    out.extras().headers.push_back({std::string(failure_type_header), "RECIPIENT_FAILURE"});
    return true;
}

Result<TopicFilter> filter_of(std::string_view address, TenantId tenant) {
    const std::string topic = topic_of_address(address);
    if (topic.starts_with(share_prefix)) return Errc::bad_filter;  // a group is nothing that this protocol knows
    return TopicFilter::parse(tenant, topic);
}

std::optional<OnBus> shown(const Envelope& envelope, TimePoint now) {
    std::optional<OnBus> on = to_bus(envelope, now, {});
    if (!on) return on;
    on->kept.push_back(address_of_topic(envelope.topic_text()));
    on->frame.type = Type::message;
    on->frame.address = on->kept.back();
    on->frame.is_send = envelope.kind() != Kind::publish && envelope.kind() != Kind::event;
    if (!envelope.extras() || envelope.extras()->reply_to.empty()) return on;
    on->kept.push_back(address_of_topic(envelope.extras()->reply_to));
    on->frame.reply_address = on->kept.back();
    std::erase_if(on->frame.headers, [](const HeaderView& each) { return each.name == "reply-to"; });
    return on;
}

std::optional<Failure> failure_in(const Envelope& reply) {
    if (!reply.extras()) return std::nullopt;
    const std::string* const code = header(*reply.extras(), failure_code_header);
    if (!code || !header(*reply.extras(), failure_type_header)) return std::nullopt;
    return Failure{number_in(*code).value_or(-1), std::string(as_text(reply.payload()))};
}

std::string_view reason_of(FaultKind kind) noexcept {
    switch (kind) {
        case FaultKind::missing_type: return "missing_type";
        case FaultKind::unknown_type: return "invalid_type";
        case FaultKind::missing_address: return "missing_address";
        case FaultKind::too_large: return "too_large";
        default: return "invalid_json";
    }
}

std::string_view reason_of(Errc code) noexcept { return code == Errc::denied ? "access_denied" : to_string(code); }

std::string_view failure_type_of(Errc code) noexcept {
    switch (code) {
        case Errc::no_receivers: return "NO_HANDLERS";
        case Errc::timed_out: return "TIMEOUT";
        default: return "ERROR";
    }
}

bool read_login(const Frame& frame, Credentials& into) {
    if (!frame.body.starts_with('{')) return false;
    bool named = false;
    JsonCursor members({JsonValue::Type::object, frame.body});
    for (JsonValue name, value; members.next(name, value);) {
        if (name.bare() == "username") {
            into.user = text_of(value);
            named = !into.user.empty();
        } else if (name.bare() == "password") {
            into.has_password = value.type == JsonValue::Type::string;
            into.password = text_of(value);
        } else if (name.bare() == "token") {
            into.bearer = text_of(value);
        }
    }
    return !into.bearer.empty() || (named && into.has_password);
}

bool told_before_close(CloseReason reason) noexcept { return reason != CloseReason::normal && reason != CloseReason::connection_lost; }

}  // namespace junctor::vertx
