#pragma once

#include <string>

#include "core/ports/vouching.hpp"
#include "policy/tokens/claim_rules.hpp"
#include "policy/tokens/credential_inquiries.hpp"
#include "policy/tokens/secret_text.hpp"

namespace junctor {

/// Asks a provider whether a token counts (RFC 7662). Remembers what it said by the token's digest, and asks again while sessions last.
/// Outlives its authenticator as long as a session does that it let in.
class IntrospectionService : public std::enable_shared_from_this<IntrospectionService> {
public:
    struct Settings {
        OutboundRequest request;       ///< where to, with the gateway's own credentials
        ClaimRules rules;
        ClaimMapping mapping;
        Duration remember = std::chrono::seconds(30);  ///< what it said
        Duration revoked_within = std::chrono::seconds(30);  ///< sessions of a revoked token end
        bool outlive_outage = true;    ///< sessions stay while it cannot be asked
        std::size_t most_remembered = 10'000;
    };

    IntrospectionService(Settings settings, const PolicyParts& parts);

    /// Calls `done` once on `core`, the one that asks, perhaps before this returns.
    std::unique_ptr<Inquiry> ask(CoreId core, std::string_view token, CredentialInquiries::Done done);

    /// Its authenticator goes: what is remembered would keep it here for ever.
    void retire() { inquiries_.retire(); }

    /// `token=...`, as a form.
    static std::string form(std::string_view token);

private:
    class TokenVouching;

    CredentialInquiries::Question question(SecretTextPtr token);
    CredentialAnswer read(const OutboundAnswer& came, const SecretTextPtr& token);
    CredentialAnswer judge(const nlohmann::json& said, const SecretTextPtr& token);

    const Settings settings_;
    const PolicyParts parts_;
    CredentialInquiries inquiries_;
};

}  // namespace junctor
