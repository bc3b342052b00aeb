#include "core/ports/arrived_message.hpp"

#include "core/model/hop_path.hpp"

namespace junctor {

bool ArrivedMessage::set_topic(TenantId tenant, std::string text) {
    topic = std::move(text);
    const Result<Topic> parsed = Topic::parse(tenant, topic);
    if (parsed) draft.topic = *parsed;
    return parsed.has_value();
}

void ArrivedMessage::finish(std::string_view gateway) {
    draft.payload = payload;
    const std::string_view hops = draft.extras ? std::string_view(draft.extras->hops) : std::string_view();
    if (last_hop(hops) != gateway) origin = {};
    if (!draft.extras) return;
    if (!draft.extras->reply_to.empty() && !Topic::parse(draft.topic.tenant(), draft.extras->reply_to)) draft.extras->reply_to.clear();
    if (draft.extras->empty()) draft.extras.reset();
}

}  // namespace junctor
