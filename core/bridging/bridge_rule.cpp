#include "core/bridging/bridge_rule.hpp"

#include "core/model/topic.hpp"

namespace junctor {

std::optional<std::string> BridgeRule::rewrite(const Topic& topic) const {
    const std::string_view text = topic.text();
    if (!text.starts_with(strip)) return std::nullopt;
    std::string rewritten = add + std::string(text.substr(strip.size()));
    const Result<Topic> there = Topic::parse(topic.tenant(), rewritten);
    if (!there || there->reserved()) return std::nullopt;
    return rewritten;
}

bool BridgeRule::carries_any() const noexcept {
    std::string_view levels = filter.text();
    for (std::string_view prefix = strip; !prefix.empty();) {
        const std::string_view level = levels.substr(0, levels.find('/'));
        const std::string_view wanted = prefix.substr(0, prefix.find('/'));
        const bool whole = wanted.size() < prefix.size();
        if (level == "#") return true;
        if (level != "+" && !(whole ? level == wanted : level.starts_with(wanted))) return false;
        if (!whole) return true;
        if (level.size() == levels.size()) return false;  // the topic ends here, and the prefix does not
        prefix.remove_prefix(wanted.size() + 1);
        levels.remove_prefix(level.size() + 1);
    }
    return true;
}

}  // namespace junctor
