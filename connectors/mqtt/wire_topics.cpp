#include "connectors/mqtt/wire_topics.hpp"

#include <charconv>

#include "core/model/topic.hpp"

namespace junctor::mqtt {

std::optional<std::string> WireTopics::placed(TenantId tenant, std::string_view text) const {
    if (tenant == TenantId{} && !text.starts_with('$')) {
        const std::string_view level(prefix_.data(), prefix_.size() - 1);
        if (text == level || text.starts_with(prefix_)) return std::nullopt;
        return std::string(text);
    }
    return prefix_ + std::to_string(tenant.value) + '/' + std::string(text);
}

std::optional<std::string> WireTopics::to_wire(const Topic& topic) const { return placed(topic.tenant(), topic.text()); }

std::optional<std::string> WireTopics::to_wire(const TopicFilter& filter) const {
    std::optional<std::string> inner = placed(filter.tenant(), filter.text());
    if (!inner || !filter.shared()) return inner;
    return std::string(share_prefix) + filter.group() + '/' + *inner;
}

std::optional<WireTopics::Place> WireTopics::from_wire(std::string_view wire) const noexcept {
    if (!wire.starts_with(prefix_)) return Place{{}, wire};
    wire.remove_prefix(prefix_.size());
    Place place;
    const auto [end, error] = std::from_chars(wire.data(), wire.data() + wire.size(), place.tenant.value);
    const auto digits = static_cast<std::size_t>(end - wire.data());
    if (error != std::errc() || digits == wire.size() || wire[digits] != '/') return std::nullopt;
    place.text = wire.substr(digits + 1);
    if (place.tenant == TenantId{} && !place.text.starts_with('$')) return std::nullopt;
    return place;
}

}  // namespace junctor::mqtt
