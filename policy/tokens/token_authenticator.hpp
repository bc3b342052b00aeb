#pragma once

#include <memory>
#include <string>

#include "core/ports/authenticator.hpp"
#include "policy/policy_parts.hpp"
#include "policy/tokens/credential_report.hpp"
#include "policy/tokens/key_source.hpp"
#include "policy/tokens/shown_token.hpp"
#include "policy/tokens/token_rules.hpp"

namespace junctor {

/// Takes the word of an issuer who signs tokens (RFC 7519). Abstains where no token of its issuer is shown; whatever is wrong with
/// one is a denial in the same words.
class TokenAuthenticator final : public Authenticator {
public:
    struct Settings {
        TokenRules rules;
        TokenPlaces places;
        std::shared_ptr<KeySource> keys;
    };

    TokenAuthenticator(Settings settings, const PolicyParts& parts);

    std::string_view name() const noexcept override { return parts_.name; }
    void start() override { settings_.keys->start(); }
    std::unique_ptr<Authentication> begin(const Credentials& credentials, AuthenticationDone done) override;

private:
    class Conversation;

    AuthenticationStep judge(const PlausibleToken& token, jose::JoseErrc verdict, const Credentials& credentials) const;

    const Settings settings_;
    const PolicyParts parts_;
    const CredentialReport report_;
};

}  // namespace junctor
