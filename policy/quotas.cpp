#include "policy/quotas.hpp"

#include "core/observe/metrics.hpp"

namespace junctor {
namespace {

using Counters = std::array<std::array<Counter, quota_limit_count>, scope_count>;

const Counters& excess_counters() {
    static const Counters counters = [] {
        Counters all{};
        for (std::size_t scope = 0; scope < scope_count; ++scope)
            for (std::size_t limit = 0; limit < quota_limit_count; ++limit)
                all[scope][limit] = counter("junctor_quota_exceeded_total", "What was refused because somebody took too much",
                                            {{"scope", std::string(to_string(static_cast<Scope>(scope)))},
                                             {"limit", std::string(to_string(static_cast<QuotaLimit>(limit)))}});
        return all;
    }();
    return counters;
}

const Quota& of(const Quotas::Limits& limits, Scope scope) noexcept { return limits[static_cast<std::size_t>(scope)]; }

bool full(const Quota& quota, const std::shared_ptr<Quotas::Share>& share) noexcept {
    return quota.connections != 0 && share && share->connections >= quota.connections;
}

std::shared_ptr<Quotas::Share> join(std::shared_ptr<Quotas::Share>& share, Quotas::Holder as) {
    if (!share) share = std::make_shared<Quotas::Share>();
    ++share->sessions;
    if (as == Quotas::Holder::connection) ++share->connections;
    return share;
}

template <class Map, class Key>
void part(Map& map, const Key& key, Quotas::Holder as) noexcept {
    const auto found = map.find(key);
    if (found == map.end()) return;
    if (as == Quotas::Holder::connection) --found->second->connections;
    if (--found->second->sessions == 0) map.erase(found);
}

template <class Map, class Key>
std::shared_ptr<Quotas::Share> find(const Map& map, const Key& key) {
    const auto found = map.find(key);
    return found == map.end() ? nullptr : found->second;
}

Quotas::Excess check(const Quota& quota, Scope scope, Quotas::Share& share, std::size_t bytes, TimePoint now) noexcept {
    if (quota.payload != 0 && bytes > quota.payload) return {Errc::too_large, scope, QuotaLimit::payload};
    if (quota.messages_per_second != 0 && !share.messages.take(1, quota.messages_per_second, now))
        return {Errc::quota_exceeded, scope, QuotaLimit::messages_per_second};
    if (quota.bytes_per_second != 0 && !share.bytes.take(bytes, quota.bytes_per_second, now)) return {Errc::quota_exceeded, scope, QuotaLimit::bytes_per_second};
    return {};
}

std::uint64_t most_of(const Quota& quota, QuotaLimit limit) noexcept {
    switch (limit) {
        case QuotaLimit::connections: return quota.connections;
        case QuotaLimit::messages_per_second: return quota.messages_per_second;
        case QuotaLimit::bytes_per_second: return quota.bytes_per_second;
        case QuotaLimit::payload: return quota.payload;
        case QuotaLimit::subscriptions: return quota.subscriptions;
        case QuotaLimit::queued: return quota.queued;
    }
    return 0;
}

/// The connections are the caller's to guard.
std::optional<std::uint64_t> used_of(const Quotas::Share& share, QuotaLimit limit, std::uint64_t most, TimePoint now) noexcept {
    switch (limit) {
        case QuotaLimit::connections: return share.connections;
        case QuotaLimit::messages_per_second: return share.messages.taken(most, now);
        case QuotaLimit::bytes_per_second: return share.bytes.taken(most, now);
        case QuotaLimit::payload: return std::nullopt;
        case QuotaLimit::subscriptions: return share.subscriptions.load(std::memory_order_relaxed);
        case QuotaLimit::queued: return share.queued.load(std::memory_order_relaxed);
    }
    return std::nullopt;
}

}  // namespace

std::string_view to_string(Scope scope) noexcept {
    switch (scope) {
        case Scope::connection: return "connection";
        case Scope::principal: return "principal";
        case Scope::tenant: return "tenant";
    }
    return {};
}

std::string_view to_string(QuotaLimit limit) noexcept {
    switch (limit) {
        case QuotaLimit::connections: return "connections";
        case QuotaLimit::messages_per_second: return "messages_per_second";
        case QuotaLimit::bytes_per_second: return "bytes_per_second";
        case QuotaLimit::payload: return "payload";
        case QuotaLimit::subscriptions: return "subscriptions";
        case QuotaLimit::queued: return "queued";
    }
    return {};
}

void count(Metrics& metrics, const Quotas::Excess& excess) noexcept {
    metrics.add(excess_counters()[static_cast<std::size_t>(excess.scope)][static_cast<std::size_t>(excess.limit)]);
}

std::string Quotas::Excess::text() const { return "over the limit '" + std::string(to_string(limit)) + "' of this " + std::string(to_string(scope)); }

Quotas::Excess Quotas::enter(const Limits& limits, const Principal& who, Shares& shares, Holder as) {
    const std::lock_guard lock(mutex_);
    if (full(of(limits, Scope::tenant), find(tenants_, who.tenant))) return {Errc::quota_exceeded, Scope::tenant, QuotaLimit::connections};
    const Key key(who.tenant, who.name);
    if (full(of(limits, Scope::principal), find(principals_, key))) return {Errc::quota_exceeded, Scope::principal, QuotaLimit::connections};
    shares = {std::make_shared<Share>(), join(principals_[key], as), join(tenants_[who.tenant], as)};
    return {};
}

void Quotas::leave(const Principal& who, const Shares& shares, Holder as) noexcept {
    const std::uint64_t held = shares.front()->subscriptions.load(std::memory_order_relaxed);
    for (const auto& share : shares) share->subscriptions.fetch_sub(held, std::memory_order_relaxed);
    if (as == Holder::durable) queued(shares, 0);
    const std::lock_guard lock(mutex_);
    part(principals_, Key(who.tenant, who.name), as);
    part(tenants_, who.tenant, as);
}

Quotas::Excess Quotas::subscribe(const Limits& limits, const Shares& shares) noexcept {
    for (std::size_t scope = 0; scope < scope_count; ++scope) {
        const std::uint64_t most = limits[scope].subscriptions;
        if (shares[scope]->subscriptions.fetch_add(1, std::memory_order_relaxed) < most || most == 0) continue;
        for (std::size_t taken = 0; taken <= scope; ++taken) shares[taken]->subscriptions.fetch_sub(1, std::memory_order_relaxed);
        return {Errc::quota_exceeded, static_cast<Scope>(scope), QuotaLimit::subscriptions};
    }
    return {};
}

void Quotas::subscribed(const Shares& shares, std::uint64_t subscriptions) noexcept {
    for (const auto& share : shares) share->subscriptions.fetch_add(subscriptions, std::memory_order_relaxed);
}

void Quotas::unsubscribe(const Shares& shares) noexcept {
    for (const auto& share : shares) share->subscriptions.fetch_sub(1, std::memory_order_relaxed);
}

Quotas::Excess Quotas::queue(const Limits& limits, const Shares& shares, std::uint64_t more) noexcept {
    for (std::size_t scope = 0; scope < scope_count; ++scope) {
        const std::uint64_t most = limits[scope].queued;
        if (most != 0 && shares[scope]->queued.load(std::memory_order_relaxed) + more > most)
            return {Errc::quota_exceeded, static_cast<Scope>(scope), QuotaLimit::queued};
    }
    return {};
}

void Quotas::queued(const Shares& shares, std::uint64_t bytes) noexcept {
    const std::uint64_t before = shares.front()->queued.load(std::memory_order_relaxed);
    for (const auto& share : shares) share->queued.fetch_add(bytes - before, std::memory_order_relaxed);
}

std::vector<QuotaUse> Quotas::in_force(const Limits& limits) {
    std::vector<QuotaUse> all;
    for (std::size_t scope = 0; scope < scope_count; ++scope)
        for (std::size_t at = 0; at < quota_limit_count; ++at) {
            const auto limit = static_cast<QuotaLimit>(at);
            const bool counts = static_cast<Scope>(scope) != Scope::connection || limit != QuotaLimit::connections;
            if (const std::uint64_t most = most_of(limits[scope], limit); most != 0 && counts) all.push_back({static_cast<Scope>(scope), limit, most, {}});
        }
    return all;
}

/// A connection's own share and that of its durable session are two: what the latter holds and queues counts for the former.
std::vector<QuotaUse> Quotas::in_use(const Limits& limits, const Shares& connection, const Shares* durable, TimePoint now) {
    std::vector<QuotaUse> all = in_force(limits);
    const std::lock_guard lock(mutex_);
    for (QuotaUse& each : all) {
        const auto scope = static_cast<std::size_t>(each.scope);
        each.used = used_of(*connection[scope], each.limit, each.most, now);
        const bool held_apart = each.limit == QuotaLimit::subscriptions || each.limit == QuotaLimit::queued;
        if (durable && each.scope == Scope::connection && held_apart) *each.used += *used_of(*(*durable)[scope], each.limit, each.most, now);
    }
    return all;
}

Quotas::Excess Quotas::publish(const Limits& limits, const Shares& shares, std::size_t bytes, TimePoint now) noexcept {
    for (std::size_t scope = 0; scope < scope_count; ++scope)
        if (const Excess excess = check(limits[scope], static_cast<Scope>(scope), *shares[scope], bytes, now)) return excess;
    return {};
}

}  // namespace junctor
