#include "connectors/vertx/from_bus.hpp"

#include "core/model/hop_path.hpp"

namespace junctor::vertx {

void FromBus::finish(std::string_view gateway) {
    draft.payload = payload;
    const std::string_view hops = draft.extras ? std::string_view(draft.extras->hops) : std::string_view();
    if (last_hop(hops) != gateway) origin = {};
    if (!draft.extras) return;
    if (!draft.extras->reply_to.empty() && !Topic::parse(draft.topic.tenant(), draft.extras->reply_to)) draft.extras->reply_to.clear();
    if (draft.extras->empty()) draft.extras.reset();
}

}  // namespace junctor::vertx
