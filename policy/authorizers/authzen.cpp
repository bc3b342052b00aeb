#include "policy/authorizers/authzen.hpp"

#include <nlohmann/json.hpp>

#include "core/base/setup_error.hpp"
#include "policy/callout/callout_json.hpp"

namespace junctor {
namespace {

/// What the verb is about.
std::string_view resource_type(Verb verb) noexcept {
    switch (verb) {
        case Verb::publish:
        case Verb::request:
        case Verb::receive:
        case Verb::presence: return "topic";
        case Verb::subscribe:
        case Verb::history: return "filter";
        default: return "gateway";
    }
}

void append_subject(ByteBuffer& to, const Principal& principal) {
    JsonObject subject(to);
    subject.text("type", "user");
    subject.text("id", principal.name);
    subject.member("properties", [&](ByteBuffer& into) {
        JsonObject properties(into);
        append_claims(properties, principal);
        properties.end();
    });
    subject.end();
}

/// Section 6: subject, action, resource, context.
void append_evaluation(ByteBuffer& to, const KeptQuestion& question) {
    JsonObject evaluation(to);
    evaluation.member("subject", [&](ByteBuffer& into) { append_subject(into, *question.principal); });
    evaluation.member("action", [&](ByteBuffer& into) {
        JsonObject action(into);
        action.text("name", to_string(question.verb));
        action.end();
    });
    evaluation.member("resource", [&](ByteBuffer& into) {
        JsonObject resource(into);
        resource.text("type", resource_type(question.verb));
        resource.text("id", question.object.empty() ? std::string_view("junctor") : std::string_view(question.object));
        resource.end();
    });
    evaluation.member("context", [&](ByteBuffer& into) {
        JsonObject context(into);
        context.text("session", question.session);
        context.text("protocol", question.protocol);
        context.end();
    });
    evaluation.end();
}

/// `reason` as text, or of `reason_user` whatever stands there first, as the specification's examples have it.
std::string reason_of(const nlohmann::json& context) {
    if (std::string plain = reason_in(context); !plain.empty()) return plain;
    const auto user = context.find("reason_user");
    if (user == context.end()) return {};
    if (user->is_string()) return one_line(user->get_ref<const std::string&>());
    if (!user->is_object() || user->empty() || !user->front().is_string()) return {};
    return one_line(user->front().get_ref<const std::string&>());
}

}  // namespace

OutboundRequest AuthzenAuthorizer::request(Questions questions) const {
    ByteBuffer body;
    if (questions.size() == 1) {
        append_evaluation(body, questions.front());
        return settings().request_to(endpoints_.access_evaluation, "POST", "application/json", std::move(body));
    }
    JsonObject object(body);
    object.member("evaluations", [&](ByteBuffer& list) {
        append(list, std::string_view("["));
        for (std::size_t i = 0; i < questions.size(); ++i) {
            if (i != 0) append(list, std::string_view(","));
            append_evaluation(list, questions[i]);
        }
        append(list, std::string_view("]"));
    });
    object.end();
    return settings().request_to(endpoints_.access_evaluations, "POST", "application/json", std::move(body));
}

RemoteAuthorizer::Verdicts AuthzenAuthorizer::read(const HttpResponse& response, std::size_t questions) const {
    if (response.status != 200) return {};
    const auto document = json_of(response);
    if (!document || !document->is_object()) return {};
    Verdicts verdicts;
    const auto take = [&](const nlohmann::json& evaluation) {
        const auto decision = evaluation.find("decision");
        if (!evaluation.is_object() || decision == evaluation.end() || !decision->is_boolean()) return;
        const auto found = evaluation.find("context");
        const nlohmann::json& context = found == evaluation.end() ? nlohmann::json() : *found;
        verdicts.push_back(verdict(decision->get<bool>(), reason_of(context), ttl_in(context)));
    };
    if (questions == 1) return take(*document), verdicts;
    const auto evaluations = document->find("evaluations");
    if (evaluations == document->end() || !evaluations->is_array()) return {};
    for (const nlohmann::json& each : *evaluations) take(each);
    return verdicts;
}

}  // namespace junctor

namespace junctor::authorizers::authzen {
namespace {

/// As it is written; else where the specification has it, below the decision point's URL.
Url endpoint(const config::Section& section, const CalloutSettings& settings, const char* field, std::string_view usual) {
    if (!section.has(field)) return settings.below(usual);
    Url url = CalloutSettings::read_url(field, section.text(field));
    if (url.secure() != settings.url.secure())
        throw SetupError("'" + std::string(field) + "' begins with " + settings.url.scheme + "://, as 'url' does");
    return url;
}

config::Field endpoint_field(const char* name, const char* usual) {
    return {.name = name, .type = config::Type::text, .doc = std::string("Where the decision point is asked, as its metadata calls it; absent: `") + usual + "` below `url`."};
}

}  // namespace

AuthorizerDescriptor descriptor() {
    return {.name = "authzen",
            .summary = "Asks a decision point by the OpenID Authorization API 1.0 (AuthZEN).",
            .fields = callout_fields({endpoint_field("access_evaluation_endpoint", "/access/v1/evaluation"),
                                      endpoint_field("access_evaluations_endpoint", "/access/v1/evaluations"),
                                      {.name = "batch",
                                       .type = config::Type::integer,
                                       .doc = "Most questions in one request; 1: each goes alone, for decision points without `evaluations`.",
                                       .fallback = "100",
                                       .min = 1,
                                       .max = 1'000}}),
            .make = [](const config::Section& section, const PolicyParts& parts) -> std::shared_ptr<Authorizer> {
                const auto batch = static_cast<std::size_t>(section.integer("batch"));
                CalloutSettings settings = CalloutSettings::read(section, parts);
                AuthzenAuthorizer::Endpoints endpoints{endpoint(section, settings, "access_evaluation_endpoint", "/access/v1/evaluation"),
                                                       endpoint(section, settings, "access_evaluations_endpoint", "/access/v1/evaluations")};
                return std::make_shared<AuthzenAuthorizer>(std::move(settings), parts, std::move(endpoints), batch);
            }};
}

}  // namespace junctor::authorizers::authzen
