#include "gateway/admin/session_explanation.hpp"

#include <charconv>
#include <nlohmann/json.hpp>

#include "core/model/topic_filter.hpp"
#include "core/runtime/core.hpp"
#include "core/session/session_table.hpp"

namespace junctor {

namespace {

using Json = nlohmann::ordered_json;
using ExchangePtr = std::shared_ptr<HttpExchange>;

/// What the caller wants to know.
struct Asked {
    SessionId session;
    Verb verb = Verb::publish;
    std::string object;
};

std::string parameter(const HttpExchange& exchange, std::string_view name) { return exchange.request().parameter(name).value_or(""); }

/// Answers what is wrong.
std::string read(const HttpExchange& exchange, Asked& asked) {
    const std::string id = parameter(exchange, "session");
    const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), asked.session.value, 16);
    if (error != std::errc{} || end != id.data() + id.size() || !asked.session) return "'session' is the id of a session, as /v1/sessions shows it.";
    const std::optional<Verb> verb = verb_of(parameter(exchange, "verb"));
    if (!verb) return "'verb' is one of connect, publish, subscribe, receive, request, history, presence, admin and bridge.";
    asked.verb = *verb;
    asked.object = parameter(exchange, "topic");
    return has_object(*verb) && !TopicFilter::parse({}, asked.object) ? "'topic' is a topic name or filter." : "";
}

Json shown(const Verdict& verdict) {
    Json json{{"outcome", to_string(verdict.outcome)}};
    if (!verdict.reason.empty()) json["reason"] = verdict.reason;
    if (!verdict.rule.empty()) json["rule"] = verdict.rule;
    return json;
}

Json shown(const Explanation::Step& step) {
    Json json{{"authorizer", step.authorizer}, {"verdict", shown(step.verdict)}};
    for (const RuleTrial& trial : step.rules) {
        Json rule{{"rule", trial.rule}, {"effect", to_string(trial.effect)}, {"applies", trial.why_not.empty()}};
        if (!trial.why_not.empty()) rule["because"] = trial.why_not;
        json["rules"].push_back(std::move(rule));
    }
    return json;
}

Json shown(const QuotaUse& quota) {
    Json json{{"of", to_string(quota.scope)}, {"limit", to_string(quota.limit)}, {"most", quota.most}};
    if (quota.used) json["used"] = *quota.used;
    return json;
}

Json shown(const Asked& asked, const Session& session, const Explanation& explanation) {
    Json json{{"principal", session.principal()->name}, {"tenant", session.principal()->tenant_name}, {"verb", to_string(asked.verb)}};
    if (!asked.object.empty()) json["topic"] = asked.object;
    json["verdict"] = shown(explanation.verdict);
    json["asked"] = Json::array();
    for (const Explanation::Step& step : explanation.steps) json["asked"].push_back(shown(step));
    json["quotas"] = Json::array();
    for (const QuotaUse& quota : explanation.quotas) json["quotas"].push_back(shown(quota));
    return json;
}

void answer(Host& host, const ExchangePtr& exchange, HttpResponse response) {
    host.post(exchange->core().id(), [exchange, response = std::move(response)](Core&) mutable { exchange->respond(std::move(response)); });
}

}  // namespace

void explain_session(Host& host, decltype(AdminSources::explain) explain, ExchangePtr exchange, TenantId tenant) {
    Asked asked;
    if (const std::string problem = read(*exchange, asked); !problem.empty())
        return exchange->respond(HttpResponse::problem(400, "bad_request", problem));
    if (asked.session.core().value >= host.core_count()) return exchange->respond(HttpResponse::problem(404, "not_found", "There is no such session."));
    host.post(asked.session.core(), [&host, explain = std::move(explain), exchange = std::move(exchange), asked, tenant](Core& core) {
        const Session* const session = core.sessions().find(asked.session);
        if (!session || (tenant != TenantId{} && session->principal()->tenant != tenant))
            return answer(host, exchange, HttpResponse::problem(404, "not_found", "There is no such session."));
        explain(core.id(), *session, asked.verb, asked.object, [&host, exchange, asked](const Session* there, const Explanation& explanation) {
            if (!there) return answer(host, exchange, HttpResponse::problem(404, "not_found", "The session has ended."));
            const Json json = shown(asked, *there, explanation);
            answer(host, exchange, {200, "application/json", json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"});
        });
    });
}

}  // namespace junctor
