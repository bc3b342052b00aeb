#include "policy/tokens/credential_report.hpp"

#include "core/observe/log.hpp"
#include "policy/tokens/token_errc.hpp"

namespace junctor {
namespace {

using Outcome = AuthenticationStep::Outcome;

Counter counter_of(const std::string& authenticator, const char* outcome) {
    return counter("junctor_credentials_total", "Credentials that an authenticator judged, by outcome.",
                   {{"authenticator", authenticator}, {"outcome", outcome}});
}

}  // namespace

CredentialReport::CredentialReport(const PolicyParts& parts)
    : parts_(parts),
      accepted_(counter_of(parts.name, "accepted")),
      refused_(counter_of(parts.name, "refused")),
      unavailable_(counter_of(parts.name, "unavailable")) {}

AuthenticationStep CredentialReport::accepted(const PrincipalRef& principal, const Credentials& credentials) const {
    parts_.metrics(credentials.core).add(accepted_);
    AuthenticationStep step(Outcome::allow);
    step.principal = principal;
    return step;
}

AuthenticationStep CredentialReport::refused(ErrorCode why, const Credentials& credentials) const {
    const bool away = why == TokenErrc::keys_unavailable || why == TokenErrc::provider_unavailable;
    parts_.metrics(credentials.core).add(away ? unavailable_ : refused_);
    log_info("policy", "credentials refused", {{"authenticator", parts_.name}, {"peer", credentials.peer}, {"because", why.message()}});
    AuthenticationStep step(Outcome::deny);
    step.reason = "not authenticated";
    return step;
}

}  // namespace junctor
