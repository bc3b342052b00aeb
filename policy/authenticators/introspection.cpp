// Tokens that only their provider can judge: RFC 7662.

#include "core/base/base64.hpp"
#include "core/ports/http.hpp"
#include "policy/plugin.hpp"
#include "policy/tokens/introspection_service.hpp"
#include "policy/tokens/remote_conversation.hpp"
#include "policy/tokens/remote_fields.hpp"
#include "policy/tokens/shown_token.hpp"
#include "policy/tokens/token_fields.hpp"

namespace junctor::authenticators::introspection {
namespace {

using config::Section;
using config::Type;
using namespace std::chrono_literals;

constexpr std::size_t longest_token = 16 << 10;

class Introspection final : public Authenticator {
public:
    Introspection(TokenPlaces places, std::shared_ptr<IntrospectionService> service, const PolicyParts& parts)
        : name_(parts.name), places_(places), service_(std::move(service)), report_(parts) {}
    ~Introspection() override { service_->retire(); }

    std::string_view name() const noexcept override { return name_; }
    std::unique_ptr<Authentication> begin(const Credentials& credentials, AuthenticationDone done) override {
        const std::optional<std::string_view> token = shown_token(credentials, places_);
        if (!token || token->size() > longest_token) {
            done(AuthenticationStep(AuthenticationStep::Outcome::abstain));
            return nullptr;
        }
        return RemoteConversation::start(report_, credentials, std::move(done), [&](CredentialInquiries::Done heard) {
            return service_->ask(credentials.core, *token, std::move(heard));
        });
    }

private:
    const std::string name_;
    const TokenPlaces places_;
    const std::shared_ptr<IntrospectionService> service_;
    const CredentialReport report_;
};

config::Schema own_fields() {
    return {{.name = "client_id", .type = Type::text, .doc = "Who the gateway is to the provider.", .required = true},
            {.name = "client_secret",
             .type = Type::secret,
             .doc = "What it proves that with.",
             .example = "{file: introspection.secret}",
             .required = true},
            {.name = "remember", .type = Type::duration, .doc = "For how long the provider's answer about a token counts.", .fallback = "30s"},
            {.name = "revoked_within",
             .type = Type::duration,
             .doc = "Sessions of a token that the provider has revoked end within this: it is asked about each again, at least so often.",
             .fallback = "30s"},
            {.name = "outage",
             .type = Type::choice,
             .doc = "What becomes of sessions while the provider does not answer; nobody new gets in.",
             .fallback = "keep",
             .choices = {"keep", "end"}},
            {.name = "most_remembered", .type = Type::integer, .doc = "Answers that each core remembers.", .fallback = "10000", .max = 10'000'000}};
}

/// What an access token means beyond that is the provider's word here, so issuer and audience need not be named.
config::Schema rule_fields() {
    config::Schema rules = claim_rule_fields();
    for (config::Field& field : rules) {
        if (field.name == "issuer") field.fallback = "none", field.required = false;
        if (field.name == "audience") field.fallback = "[none]", field.required = false;
        if (field.name == "expiry") field.fallback = "optional";
    }
    return rules;
}

/// RFC 6749 section 2.3.1: both are form-encoded before they become user and password.
Header basic(const Section& entry) {
    ByteBuffer coded;
    append_base64(coded, as_bytes(percent_encode(entry.text("client_id")) + ":" + percent_encode(entry.text("client_secret"))));
    return {"Authorization", "Basic " + std::string(as_text(coded))};
}

std::shared_ptr<Authenticator> make(const Section& entry, const PolicyParts& parts) {
    IntrospectionService::Settings settings;
    settings.request = remote_request(entry, "url", entry.text("url"), parts);
    settings.request.method = "POST";
    settings.request.repeatable = true;
    settings.request.headers.push_back({"Content-Type", "application/x-www-form-urlencoded"});
    settings.request.headers.push_back(basic(entry));
    settings.rules = claim_rules(entry);
    settings.rules.types = {""};  // the answer has no header
    settings.mapping = claim_mapping(entry);
    settings.remember = entry.duration("remember");
    settings.revoked_within = entry.duration("revoked_within");
    if (settings.revoked_within < 100ms) refuse_field(entry, "revoked_within", "is at least 100ms");
    settings.outlive_outage = entry.text("outage") == "keep";
    settings.most_remembered = static_cast<std::size_t>(entry.integer("most_remembered"));
    auto service = std::make_shared<IntrospectionService>(std::move(settings), parts);
    return std::make_shared<Introspection>(token_places(entry), std::move(service), parts);
}

}  // namespace

AuthenticatorDescriptor descriptor() {
    return {.name = "introspection",
            .summary = "Asks the provider whether a token counts (RFC 7662), and asks again while sessions last.",
            .fields = remote_fields("url", "The provider's introspection endpoint.") + own_fields() + token_place_fields("[bearer]") + rule_fields() +
                      claim_mapping_fields(),
            .whom = [](const Section&) { return "holders of a token"; },
            .make = make};
}

}  // namespace junctor::authenticators::introspection
