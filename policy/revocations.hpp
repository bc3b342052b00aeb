#pragma once

#include <atomic>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/clock.hpp"
#include "core/base/ids.hpp"
#include "core/model/principal.hpp"

namespace junctor {

/// What an administrator has taken back.
struct Revocation {
    enum class Kind : std::uint8_t {
        token,      ///< the one of this id (`jti`)
        principal,  ///< all tokens of somebody that were issued up to then
    };

    Kind kind = Kind::token;
    std::optional<TenantId> tenant;  ///< whose; nothing: of all tenants
    std::string what;                ///< the id, or the principal's name
    WallTime at{};                   ///< when it was said
    WallTime until{};                ///< from then on nothing that it is about counts anyway

    /// All of whose connections end besides, however they came in.
    std::optional<std::pair<TenantId, std::string>> whom() const;
    /// As the store keeps it, under a key of its own, and gateways tell it each other.
    ByteBuffer record() const;
    /// Nothing where the bytes are none.
    static std::optional<Revocation> read(Bytes record);
    std::string key() const;
};

/// The revocations that stand. One for all cores, whatever the policy; from any thread.
class Revocations {
public:
    static constexpr std::size_t most = 100'000;
    static constexpr std::size_t longest_text = 255;  ///< bytes of `what`
    static constexpr std::chrono::hours usual_time{30 * 24};
    static constexpr std::string_view told_as = "revoked";  ///< by gateways, each other

    /// Said twice it holds for the longer time, which is written back. False: as many stand as may, and none of them is over by `now`. What
    /// was and is, is named in `ended`, by its key.
    bool add(Revocation& revocation, WallTime now, std::vector<std::string>& ended);
    /// Whether it says nothing new.
    bool holds(const Revocation& revocation) const;
    /// Whether what this principal showed does not count any more.
    bool cover(const Principal& principal, WallTime now) const noexcept;
    std::size_t size() const noexcept { return size_.load(std::memory_order_relaxed); }

private:
    struct Times {
        WallTime at;
        WallTime until;
    };

    const Times* find(Revocation::Kind kind, std::optional<TenantId> tenant, std::string_view what, WallTime now) const;

    mutable std::shared_mutex mutex_;
    std::unordered_map<std::string, Times> standing_;
    std::atomic<std::size_t> size_{0};
};

}  // namespace junctor
