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

void Presence::publish(const Session& session, std::string_view event, const ByteBuffer& more) noexcept {
    const TenantId tenant = session.principal()->tenant;
    const std::string level = level_of(session);
    const std::string text = std::string(events_prefix) + "sessions/" + std::string(session.protocol()) + '/' + level + '/' + std::string(event);
    const Result<Topic> topic = Topic::parse(tenant, text);
    if (!topic) return;  // a name so long that no topic holds it
    ByteBuffer members;
    append_member(members, "session", session.name().empty() ? std::string_view(level) : session.name());
    append_member(members, "protocol", session.protocol());
    append_member(members, "principal", session.principal()->name);
    ByteBuffer object;
    append(object, "{");
    append(object, Bytes(members));
    append(object, Bytes(more));
    append(object, "}");
    router_.publish_event(*topic, object);
}

ByteBuffer Presence::reason_text(CloseReason reason) {
    ByteBuffer text;
    append(text, ",\"reason\":");
    append_json_string(text, to_string(reason));
    return text;
}

ByteBuffer Presence::filters_text(std::span<const SubscribeRequest> requests, std::span<const Errc> codes) {
    ByteBuffer text;
    append(text, ",\"filters\":[");
    bool first = true;
    for (std::size_t i = 0; i < requests.size(); ++i) {
        if (codes[i] != Errc::ok) continue;
        if (!first) append(text, ",");
        first = false;
        append_json_string(text, requests[i].filter.text());
    }
    append(text, "]");
    return text;
}

}  // namespace junctor
