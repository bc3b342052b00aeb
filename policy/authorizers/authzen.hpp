#pragma once

#include "policy/callout/remote_authorizer.hpp"
#include "policy/plugin.hpp"

namespace junctor {

/// Asks a decision point by the OpenID Authorization API 1.0 (AuthZEN): `POST /access/v1/evaluation` for one question,
/// `/access/v1/evaluations` for those that come together.
class AuthzenAuthorizer final : public RemoteAuthorizer {
public:
    AuthzenAuthorizer(CalloutSettings settings, const PolicyParts& parts, std::size_t batch)
        : RemoteAuthorizer(std::move(settings), parts), batch_(batch) {}

protected:
    OutboundRequest request(Questions questions) const override;
    Verdicts read(const HttpResponse& response, std::size_t questions) const override;
    std::size_t batch() const noexcept override { return batch_; }

private:
    const std::size_t batch_;
};

}  // namespace junctor
