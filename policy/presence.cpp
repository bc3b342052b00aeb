#include "policy/presence.hpp"

#include "core/base/json.hpp"
#include "core/ports/http.hpp"

namespace junctor {
namespace {

/// One topic level that names the session: what a level may not hold is percent-escaped.
std::string level_of(const Session& session) {
    if (!session.name().empty()) return percent_encode(session.name());
    return std::to_string(session.id().core().value) + '-' + std::to_string(session.id().generation()) + '-' + std::to_string(session.id().slot());
}

void append_member(ByteBuffer& to, std::string_view name, std::string_view value) {
    if (!to.empty()) append(to, ",");
    append_json_string(to, name);
    append(to, ":");
    append_json_string(to, value);
}

}  // namespace

std::optional<Presence::Event> Presence::make(const Session& session, std::string_view event, const ByteBuffer& more) {
    const std::string level = level_of(session);
    Event made{session.principal()->tenant, std::string(events_prefix) + "sessions/", {}};
    made.topic.append(session.protocol()).append(1, '/').append(level).append(1, '/').append(event);
    if (!Topic::parse(made.tenant, made.topic)) return std::nullopt;
    ByteBuffer members;
    append_member(members, "session", session.name().empty() ? std::string_view(level) : session.name());
    append_member(members, "protocol", session.protocol());
    append_member(members, "principal", session.principal()->name);
    append(made.payload, "{");
    append(made.payload, Bytes(members));
    append(made.payload, Bytes(more));
    append(made.payload, "}");
    return made;
}

void Presence::send(const Event& event) noexcept {
    router_.publish_event(Topic::trusted(event.tenant, event.topic, Topic::hash_of(event.tenant, event.topic)), event.payload);
}

/// The payload as it was; the rest in headers. A dead letter that is lost itself makes no other.
void Presence::lost(const Session& session, const Envelope& envelope, Loss loss) noexcept {
    if (!wanted(session) || envelope.kind() == Kind::event) return;
    const std::string text = std::string(events_prefix) + "dead-letters/" + level_of(session);
    const Result<Topic> topic = Topic::parse(session.principal()->tenant, text);
    if (!topic) return;
    auto extras = std::make_unique<Extras>();
    if (const Extras* own = envelope.extras()) extras->content_type = own->content_type;
    extras->headers = {{"reason", std::string(to_string(loss))}, {"topic", std::string(envelope.topic_text())}, {"session", std::string(session.name())}};
    router_.publish_event(*topic, envelope.payload(), std::move(extras));
}

ByteBuffer Presence::reason_text(CloseReason reason) {
    ByteBuffer text;
    append(text, ",\"reason\":");
    append_json_string(text, to_string(reason));
    return text;
}

ByteBuffer Presence::filters_text(std::span<const SubscribeRequest> requests, std::span<const Errc> codes) {
    std::vector<TopicFilter> granted;
    for (std::size_t i = 0; i < requests.size(); ++i)
        if (codes[i] == Errc::ok) granted.push_back(requests[i].filter);
    return filters_text(granted);
}

ByteBuffer Presence::filters_text(std::span<const TopicFilter> filters) {
    ByteBuffer text;
    append(text, ",\"filters\":[");
    for (const TopicFilter& filter : filters) {
        if (&filter != &filters.front()) append(text, ",");
        append_json_string(text, filter.canonical());
    }
    append(text, "]");
    return text;
}

}  // namespace junctor
