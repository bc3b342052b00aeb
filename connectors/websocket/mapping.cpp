#include "connectors/websocket/mapping.hpp"

#include <algorithm>

#include "core/base/base64.hpp"
#include "core/config/nearest_name.hpp"

namespace junctor::websocket {
namespace {

Kind kind_of(Op op) noexcept {
    switch (op) {
        case Op::send: return Kind::send;
        case Op::request: return Kind::request;
        case Op::reply: return Kind::reply;
        default: return Kind::publish;
    }
}

std::unique_ptr<Extras> extras_of(const Message& message, bool with_reply_to) {
    const bool has_reply_to = with_reply_to && !message.reply_to.empty();
    if (message.content_type.empty() && message.headers.empty() && !has_reply_to && message.correlation.empty()) return nullptr;
    auto extras = std::make_unique<Extras>();
    extras->content_type = message.content_type;
    extras->headers.reserve(message.headers.size());
    for (const HeaderView& header : message.headers) extras->headers.push_back({std::string(header.name), std::string(header.value)});
    if (has_reply_to) extras->reply_to = message.reply_to;
    extras->correlation.assign(message.correlation.begin(), message.correlation.end());
    return extras;
}

void add_extras(const Extras& extras, Message& message) {
    message.content_type = extras.content_type;
    message.headers.reserve(extras.headers.size());
    for (const Header& header : extras.headers) message.headers.push_back({header.name, header.value});
    message.reply_to = extras.reply_to;
    message.correlation = extras.correlation;
}

/// Never zero, which would mean for ever elsewhere.
std::optional<Duration> ttl_of(const Envelope& envelope, TimePoint now) {
    if (!envelope.expires()) return std::nullopt;
    return std::max(envelope.expires_at() - now, Duration(std::chrono::milliseconds(1)));
}

bool scheme_is(std::string_view authorization, std::string_view scheme) noexcept {
    if (authorization.size() <= scheme.size() || authorization[scheme.size()] != ' ') return false;
    return std::equal(scheme.begin(), scheme.end(), authorization.begin(), [](char a, char b) { return a == (b | 0x20); });
}

/// RFC 7617: base64 of `user:password`.
bool read_basic(std::string_view encoded, Credentials& credentials) {
    ByteBuffer decoded;
    if (!append_from_base64(decoded, encoded)) return false;
    const std::string_view pair = as_text(decoded);
    const std::size_t colon = pair.find(':');
    if (colon == std::string_view::npos) return false;
    credentials.user = pair.substr(0, colon);
    credentials.password = pair.substr(colon + 1);
    credentials.has_password = true;
    return true;
}

std::string_view after_scheme(std::string_view authorization) noexcept {
    authorization.remove_prefix(authorization.find(' '));
    authorization.remove_prefix(std::min(authorization.find_first_not_of(' '), authorization.size()));
    return authorization;
}

bool read_authorization(std::string_view authorization, Credentials& credentials) {
    if (authorization.empty()) return true;
    if (scheme_is(authorization, "basic")) return read_basic(after_scheme(authorization), credentials);
    if (!scheme_is(authorization, "bearer")) return false;
    credentials.bearer = after_scheme(authorization);
    return !credentials.bearer.empty();
}

}  // namespace

Result<Draft> draft_of(const Operation& operation, TenantId tenant) {
    const Message& message = operation.message;
    const bool answers = operation.op == Op::reply;
    const Result<Topic> topic = Topic::parse(tenant, answers ? message.reply_to : message.topic);
    if (!topic) return topic.error();
    if (!answers && !message.reply_to.empty() && !Topic::parse(tenant, message.reply_to)) return Errc::bad_topic;
    Draft draft;
    draft.topic = *topic;
    draft.payload = message.data;
    draft.qos = static_cast<Qos>(message.qos);
    draft.retain = message.retain;
    draft.kind = kind_of(operation.op);
    draft.ttl = message.ttl;
    draft.extras = extras_of(message, !answers);
    return draft;
}

Result<Draft> draft_of(const Operation& operation, TenantId tenant, CloudEvent& event) {
    Result<Draft> draft = draft_of(operation, tenant);
    if (!draft) return draft;
    if (operation.op == Op::reply) event.extras.reply_to.clear();
    if (event.extras.reply_to.empty() && operation.op != Op::reply) event.extras.reply_to = operation.message.reply_to;
    if (!event.extras.reply_to.empty() && !Topic::parse(tenant, event.extras.reply_to)) return Errc::bad_topic;
    draft->payload = event.data;
    draft->extras = std::make_unique<Extras>(std::move(event.extras));
    return draft;
}

Message message_of(const Envelope& envelope, TimePoint now) {
    Message message;
    message.topic = envelope.topic_text();
    message.data = envelope.payload();
    message.ttl = ttl_of(envelope, now);
    if (const Extras* extras = envelope.extras()) add_extras(*extras, message);
    return message;
}

Message event_of(const Envelope& envelope, TimePoint now, WallTime wall, ByteBuffer& event) {
    append_cloud_event(event, envelope, now, wall);
    Message message;
    message.topic = envelope.topic_text();
    message.event = as_text(event);
    message.ttl = ttl_of(envelope, now);
    return message;
}

void append_messages(ByteBuffer& to, const HistoryPage& page, TimePoint now) {
    append(to, std::string_view("["));
    for (const EnvelopePtr& envelope : page.messages) {
        if (envelope != page.messages.front()) append(to, std::string_view(",\n"));
        Message message = message_of(*envelope, now);
        message.qos = static_cast<std::uint8_t>(envelope->qos());
        message.place = envelope->history();
        append_message(to, message);
    }
    append(to, std::string_view("]"));
}

std::optional<HistoryStart> start_of(const Operation& operation) noexcept {
    if (operation.position) return HistoryStart{HistoryStart::From::after, *operation.position};
    if (operation.from == "now") return HistoryStart{HistoryStart::From::now, {}};
    if (operation.from == "first" || operation.op == Op::history) return HistoryStart{HistoryStart::From::first, {}};
    return std::nullopt;
}

Errc errc_of(FaultKind kind) noexcept { return kind == FaultKind::too_large ? Errc::too_large : Errc::bad_request; }

std::string sentence_of(const Fault& fault) {
    if (fault.choices.empty()) return fault.reason;
    return fault.reason + config::suggestion(fault.unknown, fault.choices);
}

Result<Credentials> credentials_of(const HttpRequest& request, const std::string& connector) {
    Credentials credentials;
    credentials.connector = connector;
    credentials.peer = request.peer.address;
    credentials.loopback = request.peer.loopback;
    credentials.certificate_subject = request.peer.certificate_subject;
    credentials.certificate_names = request.peer.certificate_names;
    if (!read_authorization(request.header("Authorization"), credentials)) return Errc::bad_request;
    return credentials;
}

bool told_before_close(CloseReason reason) noexcept {
    switch (reason) {
        case CloseReason::normal:
        case CloseReason::connection_lost: return false;
        default: return true;
    }
}

}  // namespace junctor::websocket
