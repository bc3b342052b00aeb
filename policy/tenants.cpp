#include "policy/tenants.hpp"

#include "core/base/utf8.hpp"

namespace junctor {

/// FNV-1a: its result is stored, so it may never change.
TenantId Tenants::id_of(std::string_view name) noexcept {
    std::uint64_t hash = 0xcbf2'9ce4'8422'2325U;
    for (const char letter : name) hash = (hash ^ static_cast<std::uint8_t>(letter)) * 0x100'0000'01b3U;
    const auto folded = static_cast<std::uint32_t>((hash ^ hash >> 32) & 0x7fff'ffff);
    return {folded == 0 ? 1 : folded};
}

std::string Tenants::add(std::string_view name) {
    if (name.empty() || name.size() > longest_name) return "a tenant's name has 1 to 256 bytes";
    if (!valid_utf8(name) || name.find('\0') != std::string_view::npos) return "a tenant's name is UTF-8 without NUL";
    if (ids_.size() >= most) return "there are more than 10000 tenants";
    const TenantId id = id_of(name);
    const auto [holder, fresh] = names_.try_emplace(id, name);
    if (!fresh) return "the tenants '" + holder->second + "' and '" + std::string(name) + "' cannot be told apart; rename one";
    ids_.emplace(name, id);
    return {};
}

std::string Tenants::declare(std::string_view name) {
    const std::lock_guard lock(mutex_);
    return ids_.contains(name) ? "the tenant '" + std::string(name) + "' is declared twice" : add(name);
}

std::optional<TenantId> Tenants::find(std::string_view name) {
    if (name.empty()) return TenantId{};
    const std::lock_guard lock(mutex_);
    const auto known = ids_.find(name);
    if (known != ids_.end()) return known->second;
    if (others_ == Others::refused || !add(name).empty()) return std::nullopt;
    return id_of(name);
}

}  // namespace junctor
