#pragma once

#include "core/ports/authenticator.hpp"
#include "policy/tokens/claim_rules.hpp"
#include "policy/tokens/credential_inquiries.hpp"

namespace junctor {

/// What the callout of the `http` authenticator says, as JSON: who asks, and with which credentials.
ByteBuffer callout_body(const Credentials& credentials);

/// What the server says: `{"result": "allow", "name": ..., "tenant": ..., "groups": [...], "attributes": {...}, "expires_at": seconds}`,
/// `{"result": "deny"}` or `{"result": "abstain"}`; without a name it is the user's own. 401 and 403 deny, any other status is no answer.
/// `keep`: for how long an `allow` may be remembered.
CredentialAnswer read_callout(const OutboundAnswer& came, const std::string& user, Duration keep, WallTime now,
                              const ClaimMapping::MakePrincipal& make);

/// Which texts tell these credentials apart from all others.
SecretDigest callout_digest(const Credentials& credentials);

}  // namespace junctor
