#include "core/runtime/core.hpp"

#include <functional>
#include <string_view>

namespace junctor {

CoreId Core::home_of(TenantId tenant, std::string_view name) const noexcept {
    const std::size_t hash = std::hash<std::string_view>{}(name) * 31 + tenant.value;
    return {static_cast<std::uint16_t>(hash % parts_.count)};
}

}  // namespace junctor
