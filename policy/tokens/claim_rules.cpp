#include "policy/tokens/claim_rules.hpp"

#include <algorithm>
#include <array>

#include "policy/tokens/claims.hpp"
#include "policy/tokens/token_errc.hpp"

namespace junctor {
namespace {

using nlohmann::json;

bool names_one_of(const std::vector<std::string>& names, const std::vector<std::string>& wanted) {
    return std::ranges::any_of(names, [&](const std::string& name) { return std::ranges::find(wanted, name) != wanted.end(); });
}

/// RFC 7519 section 4.1.3: one string, or an array of them; a string is one audience whatever is in it.
bool meant_for(const json& claims, const std::vector<std::string>& audiences) {
    const auto found = claims.find("aud");
    if (found == claims.end()) return false;
    if (found->is_string()) return names_one_of({found->get<std::string>()}, audiences);
    const auto list = claim_texts(*found);
    return list && names_one_of(*list, audiences);
}

/// Marks that only ID tokens carry (OpenID Connect Core sections 3.1.3.6 and 3.3.2.11), or what a provider calls other kinds.
bool no_access_token(const json& claims) {
    static constexpr std::array<const char*, 4> marks{"at_hash", "c_hash", "s_hash", "events"};
    for (const char* mark : marks)
        if (claims.contains(mark)) return true;
    const auto type = claims.find("typ");
    return type != claims.end() && (*type == "ID" || *type == "Refresh" || *type == "Offline" || *type == "Logout");
}

Result<void> check_times(const json& claims, const ClaimRules& rules, WallTime now) {
    const auto expiry = claim_time(claims, "exp"), start = claim_time(claims, "nbf"), issued = claim_time(claims, "iat");
    if (!expiry || !start || !issued) return TokenErrc::bad_claim;
    const auto skew = std::chrono::duration_cast<std::chrono::milliseconds>(rules.clock_skew);
    if (!*expiry && rules.must_expire) return TokenErrc::missing_claim;
    if (*expiry && **expiry + skew <= now) return TokenErrc::expired;
    if ((*start && **start > now + skew) || (*issued && **issued > now + skew)) return TokenErrc::not_yet_valid;
    return {};
}

bool says(const json& claims, const RequiredClaim& required) {
    const json* claim = find_claim(claims, required.name);
    if (!claim || claim->is_null()) return false;
    if (required.value.empty() || claim_text(*claim) == required.value) return true;
    const auto list = claim_texts(*claim);
    return list && std::ranges::find(*list, required.value) != list->end();
}

/// Names stand in logs, rules and topics: they are short and of one line.
bool good_name(std::string_view name) noexcept {
    const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
    return !name.empty() && name.size() <= ClaimMapping::longest_name && std::ranges::none_of(name, control);
}

Result<std::string> name_in(const json& claims, const std::string& path) {
    const json* claim = find_claim(claims, path);
    if (!claim || !claim->is_string() || !good_name(claim->get_ref<const std::string&>())) return TokenErrc::no_principal;
    return claim->get<std::string>();
}

Result<std::vector<std::string>> groups_in(const json& claims, const std::string& path) {
    const json* claim = path.empty() ? nullptr : find_claim(claims, path);
    if (!claim || claim->is_null()) return std::vector<std::string>();
    auto groups = claim_texts(*claim);
    if (!groups || groups->size() > ClaimMapping::most_groups || !std::ranges::all_of(*groups, good_name)) return TokenErrc::bad_claim;
    return std::move(*groups);
}

}  // namespace

Result<void> ClaimRules::check(const json& claims, std::string_view type, WallTime now) const {
    if (std::ranges::find(types, type) == types.end() || no_access_token(claims)) return TokenErrc::wrong_type;
    if (const auto found = claims.find("iss"); !issuer.empty() && (found == claims.end() || *found != issuer)) return TokenErrc::wrong_issuer;
    if (!audiences.empty() && !meant_for(claims, audiences)) return TokenErrc::wrong_audience;
    if (const Result<void> times = check_times(claims, *this, now); !times) return times;
    for (const RequiredClaim& claim : required)
        if (!says(claims, claim)) return TokenErrc::missing_claim;
    return {};
}

Result<Ref<Principal>> ClaimMapping::principal(const json& claims, const MakePrincipal& make) const {
    const Result<std::string> found = name_in(claims, name);
    if (!found) return found.error();
    std::string tenant_name;
    if (!tenant.empty()) {
        const Result<std::string> named = name_in(claims, tenant);
        if (!named) return TokenErrc::unknown_tenant;
        tenant_name = *named;
    }
    Result<std::vector<std::string>> in_groups = groups_in(claims, groups);
    if (!in_groups) return in_groups.error();
    Ref<Principal> made = make(*found, tenant_name);
    if (!made) return TokenErrc::unknown_tenant;
    made->groups = std::move(*in_groups);
    for (const std::string& path : attributes)
        if (const json* claim = find_claim(claims, path))
            if (auto text = claim_text(*claim); text && text->size() <= longest_attribute) made->attributes[path] = std::move(*text);
    return made;
}

}  // namespace junctor
