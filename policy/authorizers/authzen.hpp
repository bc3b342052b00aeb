#pragma once

#include "policy/callout/remote_authorizer.hpp"
#include "policy/plugin.hpp"

namespace junctor {

/// Asks a decision point by the OpenID Authorization API 1.0 (AuthZEN): one question by an evaluation, those that come together by
/// evaluations (sections 6 and 7).
class AuthzenAuthorizer final : public RemoteAuthorizer {
public:
    /// Where each is asked for; named as in the decision point's metadata (section 9).
    struct Endpoints {
        Url access_evaluation;
        Url access_evaluations;
    };

    AuthzenAuthorizer(CalloutSettings settings, const PolicyParts& parts, Endpoints endpoints, std::size_t batch)
        : RemoteAuthorizer(std::move(settings), parts), endpoints_(std::move(endpoints)), batch_(batch) {}

protected:
    OutboundRequest request(Questions questions) const override;
    Verdicts read(const HttpResponse& response, std::size_t questions) const override;
    std::size_t batch() const noexcept override { return batch_; }

private:
    const Endpoints endpoints_;
    const std::size_t batch_;
};

}  // namespace junctor
