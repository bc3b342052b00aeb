#pragma once

#include "policy/callout/remote_authorizer.hpp"
#include "policy/plugin.hpp"

namespace junctor {

/// Asks a plain HTTP service, one question a request, and takes its word in the forms that such services have: a status, a JSON object,
/// or a single word (policy/README.md has the shapes).
class HttpAuthorizer final : public RemoteAuthorizer {
public:
    enum class Form : std::uint8_t { json, form };

    HttpAuthorizer(CalloutSettings settings, const PolicyParts& parts, std::string method, Form form)
        : RemoteAuthorizer(std::move(settings), parts), method_(std::move(method)), form_(form) {}

protected:
    OutboundRequest request(Questions questions) const override;
    Verdicts read(const HttpResponse& response, std::size_t questions) const override;

private:
    const std::string method_;
    const Form form_;
};

}  // namespace junctor
