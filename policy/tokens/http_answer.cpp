#include "policy/tokens/http_answer.hpp"

#include <algorithm>

#include "core/base/base64.hpp"
#include "core/base/json.hpp"
#include "core/base/utf8.hpp"
#include "policy/jose/strict_json.hpp"
#include "policy/tokens/claims.hpp"
#include "policy/tokens/token_errc.hpp"

namespace junctor {
namespace {

using nlohmann::json;

constexpr JsonLimits answer_json{.nesting = 8, .bytes = 64 << 10, .values = 4'096};

CredentialAnswer refusal(TokenErrc why) { return {.principal = nullptr, .why = why}; }

class Fields {
public:
    explicit Fields(ByteBuffer& to) : to_(to) {}

    /// What is no UTF-8, as an MQTT password need not be, stands in base64 under `<name>_base64`.
    void add(std::string_view name, std::string_view text) {
        if (text.empty()) return;
        ByteBuffer coded;
        const bool plain = valid_utf8(text);
        if (!plain) append_base64(coded, as_bytes(text));
        begin(plain ? std::string(name) : std::string(name) + "_base64");
        append_json_string(to_, plain ? text : as_text(coded));
    }
    void add(std::string_view name, const std::vector<std::string>& texts) {
        if (texts.empty()) return;
        begin(name);
        for (std::size_t i = 0; i < texts.size(); ++i) {
            append(to_, std::string_view(i == 0 ? "[" : ","));
            append_json_string(to_, texts[i]);
        }
        append(to_, std::string_view("]"));
    }

private:
    void begin(std::string_view name) {
        append(to_, std::string_view(to_.back() == '{' ? "" : ","));
        append_json_string(to_, name);
        append(to_, std::string_view(":"));
    }

    ByteBuffer& to_;
};

bool take_attributes(const json& said, Principal& principal) {
    const auto attributes = said.find("attributes");
    if (attributes == said.end()) return true;
    if (!attributes->is_object()) return false;
    for (const auto& [name, value] : attributes->items()) {
        const std::optional<std::string> text = claim_text(value);
        if (!text || text->size() > ClaimMapping::longest_attribute) return false;
        principal.attributes[name] = *text;
    }
    return true;
}

CredentialAnswer allow(json said, const std::string& user, Duration keep, WallTime now, const ClaimMapping::MakePrincipal& make) {
    if (!said.contains("name")) said["name"] = user;
    ClaimMapping mapping;
    mapping.name = "name";
    if (said.contains("tenant")) mapping.tenant = "tenant";
    mapping.groups = "groups";
    const Result<Ref<Principal>> principal = mapping.principal(said, make);
    if (!principal) return {.principal = nullptr, .why = principal.error()};
    const Result<std::optional<WallTime>> expiry = claim_time(said, "expires_at");
    if (!expiry || !take_attributes(said, **principal)) return refusal(TokenErrc::bad_claim);
    if (*expiry && **expiry <= now) return refusal(TokenErrc::expired);
    (*principal)->expires_at = *expiry;
    return {.principal = *principal, .why = {}, .keep = *expiry ? std::min(keep, Duration(**expiry - now)) : keep};
}

}  // namespace

ByteBuffer callout_body(const Credentials& credentials) {
    ByteBuffer body;
    append(body, std::string_view("{"));
    Fields fields(body);
    fields.add("connector", credentials.connector);
    fields.add("peer", credentials.peer);
    fields.add("client_id", credentials.client_id);
    fields.add("user", credentials.user);
    fields.add("password", credentials.password);
    fields.add("token", credentials.bearer);
    fields.add("certificate_subject", credentials.certificate_subject);
    fields.add("certificate_names", credentials.certificate_names);
    append(body, std::string_view("}"));
    return body;
}

CredentialAnswer read_callout(const OutboundAnswer& came, const std::string& user, Duration keep, WallTime now,
                              const ClaimMapping::MakePrincipal& make) {
    if (came.failure != OutboundFailure::none) return refusal(TokenErrc::provider_unavailable);
    if (came.response.status == 401 || came.response.status == 403) return refusal(TokenErrc::inactive);
    if (came.response.status != 200) return refusal(TokenErrc::provider_unavailable);
    Result<json> said = jose::parse_strict_object(as_text(came.response.body), answer_json);
    if (!said) return refusal(TokenErrc::provider_unavailable);
    const std::string* result = jose::string_member(*said, "result");
    if (!result) return refusal(TokenErrc::provider_unavailable);
    if (*result == "allow") return allow(std::move(*said), user, keep, now, make);
    if (*result == "abstain") return {.principal = nullptr, .why = {}, .abstains = true};
    return refusal(*result == "deny" ? TokenErrc::inactive : TokenErrc::provider_unavailable);
}

SecretDigest callout_digest(const Credentials& credentials) {
    std::string names;
    for (const std::string& name : credentials.certificate_names) names += std::to_string(name.size()) + ":" + name;
    // The peer's port is another one on each connection.
    const std::string_view peer = std::string_view(credentials.peer).substr(0, credentials.peer.rfind(':'));
    return SecretDigest::of({credentials.connector, peer, credentials.client_id, credentials.user, credentials.has_password ? "1" : "0",
                             credentials.password, credentials.bearer, credentials.certificate_subject, names});
}

}  // namespace junctor
