#include "connectors/mqtt/shared_messages.hpp"

#include <algorithm>

namespace junctor::mqtt {

std::vector<HandedBack> SharedMessages::take() noexcept {
    std::vector<Entry> entries;
    messages_.take_all([&entries](Entry&& entry) { entries.push_back(std::move(entry)); });
    std::ranges::sort(entries, {}, &Entry::order);
    std::vector<HandedBack> taken;
    for (Entry& entry : entries) taken.push_back(std::move(entry.message));
    return taken;
}

}  // namespace junctor::mqtt
