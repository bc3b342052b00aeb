#pragma once

#include "policy/callout/remote_authorizer.hpp"
#include "policy/plugin.hpp"

namespace junctor {

/// Asks Open Policy Agent by its REST data API: `POST /v1/data/<path>` with `{"input": ...}`. The result is true or false, or an object
/// with `allow`, and perhaps `reason` and `ttl`. A rule that says nothing (no result) is a deny.
class OpaAuthorizer final : public RemoteAuthorizer {
public:
    OpaAuthorizer(CalloutSettings settings, const PolicyParts& parts, std::string path)
        : RemoteAuthorizer(std::move(settings), parts), path_(std::move(path)) {}

protected:
    OutboundRequest request(Questions questions) const override;
    Verdicts read(const HttpResponse& response, std::size_t questions) const override;

private:
    const std::string path_;
};

}  // namespace junctor
