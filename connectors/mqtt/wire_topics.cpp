#include "connectors/mqtt/wire_topics.hpp"

#include <array>
#include <charconv>

#include "connectors/mqtt/lasting_hash.hpp"
#include "core/model/topic.hpp"

namespace junctor::mqtt {

namespace {

constexpr std::string_view passing_prefix = "$group/";

/// What follows `passing_prefix`: a hash, a number, a topic.
bool read_passing(std::string_view text, WireTopics::Place& place) noexcept {
    const std::size_t number = text.find('/') + 1;
    if (number == 0) return false;
    const auto [end, error] = std::from_chars(text.data() + number, text.data() + text.size(), place.passes);
    const auto slash = static_cast<std::size_t>(end - text.data());
    if (error != std::errc() || place.passes == 0 || slash >= text.size() || text[slash] != '/') return false;
    place.text = text.substr(slash + 1);
    return !place.text.starts_with('$');
}

}  // namespace

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

std::string WireTopics::passing_level(const TopicFilter& group) const {
    std::array<char, 16> digits{};
    const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), lasting_hash(group.canonical()), 16);
    return prefix_ + std::to_string(group.tenant().value) + '/' + std::string(passing_prefix) + std::string(digits.data(), end) + '/';
}

std::string WireTopics::passing(const TopicFilter& group, std::uint8_t passes, const Topic& topic) const {
    return passing_level(group) + std::to_string(passes) + '/' + std::string(topic.text());
}

std::string WireTopics::passing_filter(const TopicFilter& group) const {
    return std::string(share_prefix) + group.group() + '/' + passing_level(group) + '#';
}

std::optional<WireTopics::Place> WireTopics::from_wire(std::string_view wire) const noexcept {
    if (!wire.starts_with(prefix_)) return Place{{}, wire};
    wire.remove_prefix(prefix_.size());
    Place place;
    const auto [end, error] = std::from_chars(wire.data(), wire.data() + wire.size(), place.tenant.value);
    const auto digits = static_cast<std::size_t>(end - wire.data());
    if (error != std::errc() || digits == wire.size() || wire[digits] != '/') return std::nullopt;
    place.text = wire.substr(digits + 1);
    if (place.text.starts_with(passing_prefix)) return read_passing(place.text.substr(passing_prefix.size()), place) ? std::optional(place) : std::nullopt;
    if (place.tenant == TenantId{} && !place.text.starts_with('$')) return std::nullopt;
    return place;
}

}  // namespace junctor::mqtt
