#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/model/principal.hpp"

namespace junctor {

/// A claim that must be there; with a value: say that, or have it among its words.
struct RequiredClaim {
    std::string name;
    std::string value;  ///< empty: whatever it says
};

/// What a token must say to count.
struct ClaimRules {
    static constexpr Duration most_skew = std::chrono::seconds(60);

    std::string issuer;                  ///< empty: whoever
    std::vector<std::string> audiences;  ///< one of them is meant; empty: whoever is
    std::vector<std::string> types;      ///< `typ` of the header, in lower case; an empty one: none written
    Duration clock_skew = most_skew;     ///< by how much the issuer's clock may differ
    bool must_expire = true;
    std::vector<RequiredClaim> required;

    /// Whether these claims, in a token whose header has that type, count now. A TokenErrc otherwise.
    Result<void> check(const nlohmann::json& claims, std::string_view type, WallTime now) const;
};

/// What of a token makes a principal. Names of claims, or paths to them (`realm_access.roles`); empty: not taken.
struct ClaimMapping {
    /// Groups and attributes that are longer or more than this are refused: they live as long as the session.
    static constexpr std::size_t longest_name = 256;
    static constexpr std::size_t most_groups = 256;
    static constexpr std::size_t longest_attribute = 1'024;

    using MakePrincipal = std::function<Ref<Principal>(std::string name, std::string_view tenant)>;

    std::string name = "sub";
    std::string tenant;
    std::string groups;
    std::vector<std::string> attributes;

    /// Who the claims speak of. `make` says whether there is such a tenant (null: no). `expires_at` is not set. A TokenErrc otherwise.
    Result<Ref<Principal>> principal(const nlohmann::json& claims, const MakePrincipal& make) const;
};

}  // namespace junctor
