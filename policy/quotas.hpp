#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/rate.hpp"
#include "core/model/errc.hpp"
#include "core/model/principal.hpp"

namespace junctor {

class Metrics;

/// Whose share a limit is about.
enum class Scope : std::uint8_t { connection, principal, tenant };

inline constexpr std::size_t scope_count = static_cast<std::size_t>(Scope::tenant) + 1;

std::string_view to_string(Scope scope) noexcept;

/// The fields of a Quota.
enum class QuotaLimit : std::uint8_t { connections, messages_per_second, bytes_per_second, payload, subscriptions, queued };

inline constexpr std::size_t quota_limit_count = static_cast<std::size_t>(QuotaLimit::queued) + 1;

std::string_view to_string(QuotaLimit limit) noexcept;

/// What one of a scope may take; 0: as much as it likes.
struct Quota {
    std::uint64_t connections = 0;  ///< open at the same time; means nothing for one connection
    std::uint64_t messages_per_second = 0;
    std::uint64_t bytes_per_second = 0;  ///< of payloads
    std::uint64_t payload = 0;           ///< bytes of one
    std::uint64_t subscriptions = 0;     ///< held at the same time, by sleeping sessions too
    std::uint64_t queued = 0;            ///< bytes that wait in the queues of durable sessions, and for connections that do not take them

    bool any() const noexcept { return *this != Quota(); }
    friend bool operator==(const Quota&, const Quota&) = default;
};

/// A limit in force, and how much of it is taken.
struct QuotaUse {
    Scope scope = Scope::connection;
    QuotaLimit limit = QuotaLimit::connections;
    std::uint64_t most = 0;
    std::optional<std::uint64_t> used;  ///< of a second: at present; nothing: not known, or it means nothing (`payload`)
};

/// How much connections, principals and tenants take of the gateway, over all cores. One for the process; outlives policies, so that a reload gives
/// nobody a second share.
class Quotas {
public:
    using Limits = std::array<Quota, scope_count>;

    static bool any(const Limits& limits) noexcept {
        return std::any_of(limits.begin(), limits.end(), [](const Quota& each) { return each.any(); });
    }

    /// One that takes: shared by all sessions of a scope. A handle per session; ends with it.
    struct Share {
        std::uint64_t sessions = 0;     ///< connected or asleep; guarded by the Quotas, as is the next
        std::uint64_t connections = 0;
        std::atomic<std::uint64_t> subscriptions{0};
        std::atomic<std::uint64_t> queued{0};  ///< bytes
        Rate messages;
        Rate bytes;
    };
    /// Who has a share: a connection, or the durable session behind it, which holds the subscriptions and stays when it sleeps.
    enum class Holder : std::uint8_t { connection, durable };
    using Shares = std::array<std::shared_ptr<Share>, scope_count>;

    /// What went wrong, and for whom.
    struct Excess {
        Errc code = Errc::ok;
        Scope scope = Scope::connection;
        QuotaLimit limit = QuotaLimit::connections;

        explicit operator bool() const noexcept { return code != Errc::ok; }
        std::string text() const;
    };

    /// Somebody comes in; his shares are in `shares` unless that is an excess.
    Excess enter(const Limits& limits, const Principal& who, Shares& shares, Holder as = Holder::connection);
    /// What it held is free again.
    void leave(const Principal& who, const Shares& shares, Holder as = Holder::connection) noexcept;
    /// One more, unless that is an excess. On the session's core.
    static Excess subscribe(const Limits& limits, const Shares& shares) noexcept;
    /// So many that were there before they were counted.
    static void subscribed(const Shares& shares, std::uint64_t subscriptions) noexcept;
    static void unsubscribe(const Shares& shares) noexcept;
    /// Whether so many bytes more may wait. Several cores that ask at the same time may all hear that they may: one message each.
    static Excess queue(const Limits& limits, const Shares& shares, std::uint64_t more) noexcept;
    /// So many wait for the durable session now.
    static void queued(const Shares& shares, std::uint64_t bytes) noexcept;
    /// The limits that are in force, each scope's in the order of `QuotaLimit`.
    static std::vector<QuotaUse> in_force(const Limits& limits);
    /// With how much of them is taken by a connection and, where it has one, the durable session behind it (else null).
    std::vector<QuotaUse> in_use(const Limits& limits, const Shares& connection, const Shares* durable, TimePoint now);

    /// A message of so many bytes. On the session's core.
    static Excess publish(const Limits& limits, const Shares& shares, std::size_t bytes, TimePoint now) noexcept;

private:
    using Key = std::pair<TenantId, std::string>;

    std::mutex mutex_;
    std::map<Key, std::shared_ptr<Share>> principals_;
    std::map<TenantId, std::shared_ptr<Share>> tenants_;
};

/// In `junctor_quota_exceeded_total`, of a core.
void count(Metrics& metrics, const Quotas::Excess& excess) noexcept;

}  // namespace junctor
