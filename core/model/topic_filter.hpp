#pragma once

#include <string>
#include <string_view>

#include "core/base/ids.hpp"
#include "core/model/errc.hpp"

namespace junctor {

class Topic;

/// A canonical topic filter (DESIGN 3): a topic name that may hold `+` as a whole level and `#` as the last. Owns its text.
class TopicFilter {
public:
    TopicFilter() = default;

    /// Errc::bad_filter where `text` is none, or has more than `max_topic_levels`.
    static Result<TopicFilter> parse(TenantId tenant, std::string_view text);

    /// For text that has been checked before.
    static TopicFilter trusted(TenantId tenant, std::string text);

    TenantId tenant() const noexcept { return tenant_; }
    const std::string& text() const noexcept { return text_; }
    bool has_wildcard() const noexcept { return wildcard_; }

    /// The plain rule of MQTT 5.0 section 4.7, level by level. Routing uses the trie; this serves policy, tests and small lists.
    bool matches(const Topic& topic) const noexcept;

    friend bool operator==(const TopicFilter& a, const TopicFilter& b) noexcept { return a.tenant_ == b.tenant_ && a.text_ == b.text_; }

private:
    std::string text_;
    TenantId tenant_;
    bool wildcard_ = false;
};

}  // namespace junctor
