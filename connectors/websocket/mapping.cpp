#include "connectors/websocket/mapping.hpp"

#include <algorithm>

#include "core/config/nearest_name.hpp"
#include "core/ports/http_credentials.hpp"

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

constexpr std::string_view token_mark = "bearer.";

/// Of a list `junctor, bearer.<token>`: browsers let pages set no other header of the handshake.
std::string_view token_in(std::string_view subprotocols) noexcept {
    while (!subprotocols.empty()) {
        std::string_view one = subprotocols.substr(0, subprotocols.find(','));
        subprotocols.remove_prefix(std::min(subprotocols.size(), one.size() + 1));
        one.remove_prefix(std::min(one.find_first_not_of(" \t"), one.size()));
        one = one.substr(0, one.find_last_not_of(" \t") + 1);
        if (one.starts_with(token_mark)) return one.substr(token_mark.size());
    }
    return {};
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

Result<Credentials> credentials_of(const HttpRequest& request, const Settings& settings) {
    Credentials credentials;
    credentials.connector = settings.connector;
    if (!read_http_credentials(request, settings.cookie, credentials)) return Errc::bad_request;
    if (credentials.bearer.empty() && !credentials.has_password) credentials.bearer = token_in(request.header("Sec-WebSocket-Protocol"));
    return credentials;
}

Credentials credentials_of(const Operation& auth, const Peer& peer, const Settings& settings) {
    Credentials credentials;
    take_peer(peer, credentials);
    credentials.connector = settings.connector;
    credentials.bearer = auth.shown.token;
    credentials.user = auth.shown.user;
    credentials.has_password = auth.shown.password.has_value();
    credentials.password = auth.shown.password.value_or(std::string_view());
    credentials.method = auth.shown.method;
    credentials.data.assign(auth.message.data.begin(), auth.message.data.end());
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
