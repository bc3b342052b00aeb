#pragma once

#include <map>
#include <optional>
#include <string>

#include "core/base/clock.hpp"
#include "core/base/ids.hpp"
#include "core/base/ref_counted.hpp"

namespace junctor {

/// Who somebody is, as an authenticator vouched for. Immutable and shared: messages outlive the session that sent them.
struct Principal : RefCounted<Principal> {
    Principal(TenantId tenant_id, std::string principal_name) : tenant(tenant_id), name(std::move(principal_name)) {}

    const TenantId tenant;
    const std::string name;
    std::map<std::string, std::string, std::less<>> attributes;  ///< claims, groups; set before it is first shared
    std::optional<WallTime> expires_at;                          ///< until when the vouching holds

private:
    friend class RefCounted<Principal>;
    ~Principal() = default;
};

using PrincipalRef = Ref<const Principal>;

}  // namespace junctor
