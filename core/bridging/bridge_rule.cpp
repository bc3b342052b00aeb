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

}  // namespace junctor
