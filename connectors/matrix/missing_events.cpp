#include "connectors/matrix/missing_events.hpp"

#include <algorithm>
#include <optional>

namespace junctor::matrix {

MissingEvents::Next MissingEvents::found(RoomEvent event, std::size_t bytes, const TakenOrder& taken) {
    std::optional<OrderMark> mark = order_of(event.content);
    if (event.id != mark_.after || !mark || mark->chain != mark_.chain || mark->number != mark_.number - 1) return Next::broken;
    if (!taken.unseen(room_, *mark, event.at_ms)) return Next::complete;
    bytes_ += bytes;
    if (found_.size() >= most_events || bytes_ > most_bytes) return Next::too_many;
    mark_ = *mark;
    found_.push_back({std::move(event), std::move(*mark)});
    return taken.gap(room_, mark_) ? Next::ask : Next::complete;
}

std::vector<MissingEvents::Found> MissingEvents::finish() {
    std::vector<Found> all = std::move(found_);
    std::ranges::reverse(all);
    return all;
}

}  // namespace junctor::matrix
