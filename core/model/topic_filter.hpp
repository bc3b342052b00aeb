#pragma once

#include <string>
#include <string_view>

#include "core/base/ids.hpp"
#include "core/model/errc.hpp"

namespace junctor {

class Topic;

/// What a shared subscription's filter begins with: `$share/<group>/<filter>` (MQTT 5.0 section 4.8.2).
inline constexpr std::string_view share_prefix = "$share/";

/// A canonical topic filter (DESIGN 3): a topic name that may hold `+` as a whole level and `#` as the last. Owns its text.
/// One that begins with `$share/<group>/` is the rest of it, shared by a group: each message goes to one of its members.
class TopicFilter {
public:
    TopicFilter() = default;

    /// Errc::bad_filter where `text` is none, or has more than `max_topic_levels`, or begins with `$share` without a group and a filter.
    static Result<TopicFilter> parse(TenantId tenant, std::string_view text);

    /// For text that has been checked before: a filter, or `canonical()` of one.
    static TopicFilter trusted(TenantId tenant, std::string text);

    TenantId tenant() const noexcept { return tenant_; }
    /// What is matched and judged, without the group.
    const std::string& text() const noexcept { return text_; }
    /// Who shares it; empty: nobody.
    const std::string& group() const noexcept { return group_; }
    bool shared() const noexcept { return !group_.empty(); }
    /// The whole, as a client writes it: `parse` makes an equal filter of it.
    std::string canonical() const;
    bool has_wildcard() const noexcept { return wildcard_; }

    /// The plain rule of MQTT 5.0 section 4.7, level by level. Routing uses the trie; this serves policy, tests and small lists.
    bool matches(const Topic& topic) const noexcept;

    friend bool operator==(const TopicFilter&, const TopicFilter&) = default;

private:
    std::string text_;
    std::string group_;
    TenantId tenant_;
    bool wildcard_ = false;
};

}  // namespace junctor
