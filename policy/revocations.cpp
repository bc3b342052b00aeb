#include "policy/revocations.hpp"

#include <algorithm>

#include "core/base/byte_reader.hpp"
#include "core/store/byte_writer.hpp"

namespace junctor {
namespace {

constexpr std::uint8_t all_tenants = 1;

std::uint64_t milliseconds(WallTime time) noexcept { return static_cast<std::uint64_t>(time.time_since_epoch().count()); }

WallTime wall_time(std::uint64_t milliseconds) noexcept { return WallTime(WallTime::duration(static_cast<std::int64_t>(milliseconds))); }

/// Kind and tenant in front, of fixed size, so that no two revocations have one key.
std::string key_of(Revocation::Kind kind, std::optional<TenantId> tenant, std::string_view what) {
    ByteBuffer key;
    ByteWriter writer(key);
    writer.u8(static_cast<std::uint8_t>(kind));
    writer.u8(tenant ? 0 : all_tenants);
    writer.u32(tenant.value_or(TenantId{}).value);
    append(key, what);
    return std::string(as_text(key));
}

}  // namespace

std::optional<std::pair<TenantId, std::string>> Revocation::whom() const {
    if (kind != Kind::principal || !tenant) return std::nullopt;
    return std::pair(*tenant, what);
}

std::string Revocation::key() const { return key_of(kind, tenant, what); }

ByteBuffer Revocation::record() const {
    ByteBuffer record;
    ByteWriter writer(record);
    writer.u8(static_cast<std::uint8_t>(kind));
    writer.u8(tenant ? 0 : all_tenants);
    writer.u32(tenant.value_or(TenantId{}).value);
    writer.u64(milliseconds(at));
    writer.u64(milliseconds(until));
    writer.sized8(what);
    return record;
}

std::optional<Revocation> Revocation::read(Bytes record) {
    ByteReader reader(record);
    Revocation read;
    const std::uint8_t kind = reader.u8();
    const bool all = reader.u8() == all_tenants;
    const TenantId tenant{reader.u32()};
    read.at = wall_time(reader.u64());
    read.until = wall_time(reader.u64());
    read.what = std::string(as_text(reader.take(reader.u8())));
    if (reader.failed() || !reader.empty() || kind > static_cast<std::uint8_t>(Kind::principal)) return std::nullopt;
    read.kind = Kind{kind};
    if (!all) read.tenant = tenant;
    return read;
}

bool Revocations::add(Revocation& revocation, WallTime now, std::vector<std::string>& ended) {
    const std::unique_lock lock(mutex_);
    std::string key = revocation.key();
    if (standing_.size() >= most && !standing_.contains(key)) {
        std::erase_if(standing_, [&](const auto& each) {
            if (each.second.until > now) return false;
            ended.push_back(each.first);
            return true;
        });
        size_ = standing_.size();
        if (standing_.size() >= most) return false;
    }
    const auto [there, added] = standing_.try_emplace(std::move(key), Times{revocation.at, revocation.until});
    revocation.at = there->second.at = std::max(there->second.at, revocation.at);
    revocation.until = there->second.until = std::max(there->second.until, revocation.until);
    size_ = standing_.size();
    return true;
}

bool Revocations::holds(const Revocation& revocation) const {
    const std::shared_lock lock(mutex_);
    const auto found = standing_.find(revocation.key());
    return found != standing_.end() && found->second.at >= revocation.at && found->second.until >= revocation.until;
}

bool Revocations::cover(const Principal& principal, WallTime now) const noexcept {
    if (size() == 0 || !principal.token) return false;
    const TokenMark& token = *principal.token;
    const std::shared_lock lock(mutex_);
    if (!token.id.empty() && (find(Revocation::Kind::token, {}, token.id, now) || find(Revocation::Kind::token, principal.tenant, token.id, now))) return true;
    const Times* said = find(Revocation::Kind::principal, principal.tenant, principal.name, now);
    return said && (!token.issued_at || *token.issued_at <= said->at);
}

const Revocations::Times* Revocations::find(Revocation::Kind kind, std::optional<TenantId> tenant, std::string_view what, WallTime now) const {
    const auto found = standing_.find(key_of(kind, tenant, what));
    return found != standing_.end() && found->second.until > now ? &found->second : nullptr;
}

}  // namespace junctor
