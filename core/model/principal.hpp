#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/ids.hpp"
#include "core/base/ref_counted.hpp"

namespace junctor {

class Vouching;

/// What the token that somebody showed says of itself, so that it can be taken back.
struct TokenMark {
    std::string id;                     ///< `jti`; empty: it has none
    std::optional<WallTime> issued_at;  ///< nothing: it does not say so

    friend bool operator==(const TokenMark&, const TokenMark&) = default;
};

/// Who somebody is, as an authenticator vouched for. Immutable and shared: messages outlive the session that sent them.
struct Principal : RefCounted<Principal> {
    Principal(TenantId tenant_id, std::string principal_name) : tenant(tenant_id), name(std::move(principal_name)) {}

    const TenantId tenant;
    const std::string name;
    // Set before it is first shared:
    std::string tenant_name;                                     ///< as configured or claimed; empty: the default tenant
    std::string vouched_by;                                      ///< the authenticator that can disown it; empty: none
    std::string shown;                                           ///< a mark of the secret that it showed, for that one alone
    std::vector<std::string> groups;
    std::map<std::string, std::string, std::less<>> attributes;  ///< claims
    std::optional<WallTime> expires_at;                          ///< until when the vouching holds
    std::unique_ptr<const TokenMark> token;                      ///< null: it showed none
    std::shared_ptr<Vouching> vouching;                          ///< asked again while sessions last; null: it holds until then

    /// Whether both are the same one, vouched for alike: whatever is asked about them, the answers are the same.
    bool same(const Principal& other) const noexcept {
        return this == &other || (tenant == other.tenant && name == other.name && tenant_name == other.tenant_name && vouched_by == other.vouched_by && shown == other.shown &&
                                  groups == other.groups && attributes == other.attributes && expires_at == other.expires_at &&
                                  (token && other.token ? *token == *other.token : !token == !other.token));
    }

private:
    friend class RefCounted<Principal>;
    ~Principal() = default;
};

using PrincipalRef = Ref<const Principal>;

}  // namespace junctor
