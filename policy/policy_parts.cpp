#include "policy/policy_parts.hpp"

namespace junctor {

Ref<Principal> PolicyParts::principal(std::string principal_name, std::string_view claimed) const {
    const std::string_view tenant_name = claimed.empty() ? std::string_view(tenant) : claimed;
    const std::optional<TenantId> id = tenants->find(tenant_name);
    if (!id) return nullptr;
    Ref<Principal> made(new Principal(*id, std::move(principal_name)));
    made->tenant_name = tenant_name;
    return made;
}

}  // namespace junctor
