#pragma once

#include <string_view>

#include "core/base/ids.hpp"
#include "core/model/errc.hpp"

namespace junctor {

inline constexpr std::size_t max_topic_bytes = 65'535;
inline constexpr std::size_t max_topic_levels = 128;

/// A canonical topic name (DESIGN 3): an MQTT topic name within a tenant. A view: whoever made it keeps the text alive.
class Topic {
public:
    Topic() = default;

    /// Checks `text` (UTF-8, length, levels, no NUL, control characters, `+` or `#`) and hashes it. Errc::bad_topic otherwise.
    static Result<Topic> parse(TenantId tenant, std::string_view text) noexcept;

    /// For text that has been checked before and its hash: an envelope's own.
    static Topic trusted(TenantId tenant, std::string_view text, std::uint64_t hash) noexcept;

    static std::uint64_t hash_of(TenantId tenant, std::string_view text) noexcept;

    TenantId tenant() const noexcept { return tenant_; }
    std::string_view text() const noexcept { return text_; }
    /// Covers tenant and text; the same within one process, never to be stored or sent.
    std::uint64_t hash() const noexcept { return hash_; }
    /// First level begins with `$`: the gateway's own, matched by no leading wildcard.
    bool reserved() const noexcept { return !text_.empty() && text_.front() == '$'; }

private:
    std::string_view text_;
    std::uint64_t hash_ = 0;
    TenantId tenant_;
};

/// Session addresses the gateway makes (DESIGN 3).
inline constexpr std::string_view inbox_prefix = "$inbox/";
inline constexpr std::string_view session_prefix = "$to/";
inline constexpr std::string_view events_prefix = "$SYS/";

}  // namespace junctor
