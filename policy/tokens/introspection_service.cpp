#include "policy/tokens/introspection_service.hpp"

#include <algorithm>

#include "core/observe/log.hpp"
#include "policy/jose/strict_json.hpp"
#include "core/ports/http.hpp"
#include "policy/tokens/claims.hpp"
#include "policy/tokens/token_errc.hpp"
#include "policy/tokens/token_rules.hpp"

namespace junctor {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

/// A token that does not count may count soon.
constexpr Duration remember_refusals = std::chrono::seconds(5);

constexpr JsonLimits answer_json{.nesting = 16, .bytes = 256 << 10, .values = 16'384};

CredentialAnswer refusal(ErrorCode why, Duration keep = {}) { return {.principal = nullptr, .why = why, .keep = keep}; }

}  // namespace

/// Asks about the token of a session as often as it takes to end the session in time: half of it for the answer that may be
/// remembered, half of it until the next question.
class IntrospectionService::TokenVouching final : public Vouching {
public:
    TokenVouching(std::shared_ptr<IntrospectionService> service, SecretTextPtr token) : service_(std::move(service)), token_(std::move(token)) {}

    Duration interval() const noexcept override { return service_->settings_.revoked_within / 2; }
    std::unique_ptr<Inquiry> ask(CoreId core, std::function<void(bool)> done) override {
        CredentialInquiries::Question again = service_->question(token_);
        again.most_age = interval();
        const bool outlive = service_->settings_.outlive_outage;
        return service_->inquiries_.ask(core, again, [done = std::move(done), outlive](const CredentialAnswer& answer) {
            done(answer.principal || (outlive && !answer.known()));
        });
    }

private:
    const std::shared_ptr<IntrospectionService> service_;
    const SecretTextPtr token_;
};

IntrospectionService::IntrospectionService(Settings settings, const PolicyParts& parts)
    : settings_(std::move(settings)), parts_(parts), inquiries_({.most_remembered = settings_.most_remembered}, parts) {}

std::unique_ptr<Inquiry> IntrospectionService::ask(CoreId core, std::string_view token, CredentialInquiries::Done done) {
    return inquiries_.ask(core, question(std::make_shared<const SecretText>(token)), std::move(done));
}

CredentialInquiries::Question IntrospectionService::question(SecretTextPtr token) {
    CredentialInquiries::Question asked;
    asked.about = SecretDigest::of({token->text()});
    asked.request = [this, token] {
        OutboundRequest request = settings_.request;
        append(request.body, form(token->text()));
        return request;
    };
    asked.read = [service = shared_from_this(), token](const OutboundAnswer& came) { return service->read(came, token); };
    return asked;
}

std::string IntrospectionService::form(std::string_view token) {
    return "token=" + percent_encode(token) + "&token_type_hint=access_token";
}

CredentialAnswer IntrospectionService::read(const OutboundAnswer& came, const SecretTextPtr& token) {
    std::string problem;
    if (came.failure != OutboundFailure::none) {
        problem = came.detail;
    } else if (came.response.status != 200) {
        problem = "status " + std::to_string(came.response.status);
    } else if (const Result<nlohmann::json> said = jose::parse_strict_object(as_text(came.response.body), answer_json); said) {
        return judge(*said, token);
    } else {
        problem = "an answer that is no JSON object";
    }
    log_warning("policy", "token not introspected", {{"authenticator", parts_.name}, {"because", problem}});
    return refusal(TokenErrc::provider_unavailable);
}

CredentialAnswer IntrospectionService::judge(const nlohmann::json& said, const SecretTextPtr& token) {
    const auto active = said.find("active");
    if (active == said.end() || *active != true) return refusal(TokenErrc::inactive, std::min(settings_.remember, remember_refusals));
    const WallTime now = parts_.clock.wall();
    if (const Result<void> checked = settings_.rules.check(said, "", now); !checked) return refusal(checked.error());
    const auto make = [this](std::string name, std::string_view tenant) { return parts_.principal(std::move(name), tenant); };
    const Result<Ref<Principal>> principal = settings_.mapping.principal(said, make);
    if (!principal) return refusal(principal.error());
    CredentialAnswer answer{.principal = nullptr, .why = {}, .keep = settings_.remember};
    if (const auto expiry = claim_time(said, "exp"); expiry && *expiry) {
        (*principal)->expires_at = **expiry + duration_cast<milliseconds>(settings_.rules.clock_skew);
        answer.keep = std::min(answer.keep, Duration(*(*principal)->expires_at - now));
    }
    (*principal)->token = token_mark(said, now);  // the provider has just said that it counts
    (*principal)->vouching = std::make_shared<TokenVouching>(shared_from_this(), token);
    answer.principal = *principal;
    return answer;
}

}  // namespace junctor
