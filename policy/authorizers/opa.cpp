#include "policy/authorizers/opa.hpp"

#include <nlohmann/json.hpp>

#include "core/base/setup_error.hpp"
#include "policy/callout/callout_json.hpp"

namespace junctor {
namespace {

void append_input(ByteBuffer& to, const KeptQuestion& question) {
    JsonObject input(to);
    input.text("verb", to_string(question.verb));
    input.text("object", question.object);
    input.member("principal", [&](ByteBuffer& into) {
        JsonObject principal(into);
        principal.text("name", question.principal->name);
        append_claims(principal, *question.principal);
        principal.end();
    });
    input.text("session", question.session);
    input.text("protocol", question.protocol);
    input.end();
}

}  // namespace

OutboundRequest OpaAuthorizer::request(Questions questions) const {
    ByteBuffer body;
    JsonObject object(body);
    object.member("input", [&](ByteBuffer& into) { append_input(into, questions.front()); });
    object.end();
    return settings().request("POST", path_, "application/json", std::move(body));
}

RemoteAuthorizer::Verdicts OpaAuthorizer::read(const HttpResponse& response, std::size_t) const {
    if (response.status != 200) return {};
    const auto document = json_of(response);
    if (!document || !document->is_object()) return {};
    const auto result = document->find("result");
    if (result == document->end()) return {verdict(false, "the policy has no rule for this", std::nullopt)};
    if (result->is_boolean()) return {verdict(result->get<bool>(), {}, std::nullopt)};
    if (!result->is_object()) return {};
    const auto allow = result->find("allow");
    // A package in which `allow` is not defined for this input: so it looks where the policy has no default, and is no failure of the server's.
    if (allow == result->end()) return {verdict(false, "the policy has no rule for this", std::nullopt)};
    if (!allow->is_boolean()) return {};
    return {verdict(allow->get<bool>(), reason_in(*result), ttl_in(*result))};
}

}  // namespace junctor

namespace junctor::authorizers::opa {
namespace {

std::string data_path(const std::string& written) {
    std::string path = "/v1/data";
    for (std::size_t at = 0; at < written.size();) {
        const std::size_t end = std::min(written.find('/', at), written.size());
        if (end == at) throw SetupError("'path': write it like junctor/allow, the package and the rule with slashes between");
        path += "/" + percent_encode(std::string_view(written).substr(at, end - at));
        at = end + 1;
    }
    return path;
}

}  // namespace

AuthorizerDescriptor descriptor() {
    return {.name = "opa",
            .summary = "Asks Open Policy Agent by its REST data API.",
            .fields = callout_fields({{.name = "path",
                                       .type = config::Type::text,
                                       .doc = "Which document decides, below /v1/data: the package and the rule, as `junctor/allow`.",
                                       .required = true}}),
            .make = [](const config::Section& section, const PolicyParts& parts) -> std::shared_ptr<Authorizer> {
                return std::make_shared<OpaAuthorizer>(CalloutSettings::read(section, parts), parts, data_path(section.text("path")));
            }};
}

}  // namespace junctor::authorizers::opa
