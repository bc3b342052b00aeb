#pragma once

#include "core/base/result.hpp"
#include "core/observe/metrics.hpp"
#include "core/ports/authenticator.hpp"
#include "policy/policy_parts.hpp"

namespace junctor {

/// How an authenticator ends a conversation: counted in `junctor_credentials_total{authenticator, outcome}`, refusals logged with the reason and
/// nothing of the credentials. A client hears the same words whatever the reason.
class CredentialReport {
public:
    explicit CredentialReport(const PolicyParts& parts);

    AuthenticationStep accepted(const PrincipalRef& principal, const Credentials& credentials) const;
    AuthenticationStep refused(ErrorCode why, const Credentials& credentials) const;

private:
    const PolicyParts parts_;
    Counter accepted_;
    Counter refused_;
    Counter unavailable_;  ///< nobody could say: the provider is away
};

}  // namespace junctor
