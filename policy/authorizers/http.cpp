#include "policy/authorizers/http.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/ascii.hpp"
#include "core/base/setup_error.hpp"
#include "policy/callout/callout_json.hpp"

namespace junctor {
namespace {

ByteBuffer json_form(const KeptQuestion& question) {
    ByteBuffer body;
    JsonObject object(body);
    object.text("verb", to_string(question.verb));
    object.text("object", question.object);
    object.text("user", question.principal->name);
    append_claims(object, *question.principal);
    object.text("session", question.session);
    object.text("protocol", question.protocol);
    object.end();
    return body;
}

std::string joined(const std::vector<std::string>& texts) {
    std::string all;
    for (const std::string& text : texts) all += (all.empty() ? "" : ",") + text;
    return all;
}

/// `application/x-www-form-urlencoded`; claims stand as `attribute.<name>`.
std::string text_form(const KeptQuestion& question) {
    const Principal& who = *question.principal;
    std::string text;
    const auto add = [&](std::string_view name, std::string_view value) {
        text += (text.empty() ? "" : "&") + percent_encode(name) + "=" + percent_encode(value);
    };
    add("verb", to_string(question.verb));
    add("object", question.object);
    add("user", who.name);
    add("tenant", who.tenant_name);
    add("groups", joined(who.groups));
    add("session", question.session);
    add("protocol", question.protocol);
    for (const auto& [name, value] : who.attributes) add("attribute." + name, value);
    return text;
}

/// `allow`, `deny` or `abstain`, perhaps with more words behind it, of which those of a deny are its reason.
std::optional<Verdict> read_word(std::string_view text) {
    const std::size_t end = std::min(text.find_first_of(" \t\r\n"), text.size());
    const std::string_view word = text.substr(0, end);
    const std::size_t rest = std::min(text.find_first_not_of(" \t\r\n", end), text.size());
    Verdict verdict;
    if (equal_ignoring_case(word, "allow")) verdict.outcome = Verdict::Outcome::allow;
    else if (equal_ignoring_case(word, "deny")) verdict.outcome = Verdict::Outcome::deny;
    else if (!equal_ignoring_case(word, "abstain")) return std::nullopt;
    if (verdict.outcome == Verdict::Outcome::deny) verdict.reason = one_line(text.substr(rest));
    return verdict;
}

/// `decision`, or `allow` or `result` as other services call it: true, false or such a word. Nothing where it is none of them.
std::optional<Verdict> read_object(const nlohmann::json& object) {
    for (const char* name : {"decision", "allow", "result"}) {
        const auto found = object.find(name);
        if (found == object.end()) continue;
        std::optional<Verdict> verdict;
        if (found->is_string()) verdict = read_word(found->get_ref<const std::string&>());
        if (found->is_boolean()) verdict = Verdict{found->get<bool>() ? Verdict::Outcome::allow : Verdict::Outcome::deny, {}, {}};
        if (!verdict) return std::nullopt;
        verdict->reason = reason_in(object);
        if (const auto ttl = ttl_in(object)) verdict->valid_for = *ttl;
        return verdict;
    }
    return std::nullopt;
}

std::optional<Verdict> read_body(const HttpResponse& response) {
    if (const auto word = read_word(as_text(response.body))) return word;
    const auto document = json_of(response);
    return document && document->is_object() ? read_object(*document) : std::nullopt;
}

}  // namespace

OutboundRequest HttpAuthorizer::request(Questions questions) const {
    const KeptQuestion& question = questions.front();
    if (method_ == "GET") {
        OutboundRequest request = settings().request(method_, {}, {}, {});
        if (request.url.path.empty()) request.url.path = "/";
        request.url.path += (request.url.path.find('?') == std::string::npos ? "?" : "&") + text_form(question);
        return request;
    }
    if (form_ == Form::json) return settings().request(method_, {}, "application/json", json_form(question));
    ByteBuffer body;
    append(body, text_form(question));
    return settings().request(method_, {}, "application/x-www-form-urlencoded", std::move(body));
}

/// A body that says something decides; without any the status does. What is neither is no answer.
RemoteAuthorizer::Verdicts HttpAuthorizer::read(const HttpResponse& response, std::size_t) const {
    const bool refused = response.status == 401 || response.status == 403;
    if (response.status / 100 != 2 && !refused) return {};
    std::optional<Verdict> said = read_body(response);
    if (refused) return {verdict(false, said ? said->reason : std::string(), said && said->valid_for != Duration::max() ? std::optional(said->valid_for) : std::nullopt)};
    if (!said && response.body.empty()) return {verdict(true, {}, std::nullopt)};
    if (!said) return {};
    return {std::move(*said)};
}

}  // namespace junctor

namespace junctor::authorizers::http {

AuthorizerDescriptor descriptor() {
    using config::Type;
    return {.name = "http",
            .summary = "Asks a plain HTTP service, one question a request: a status, a JSON object or a word decides.",
            .fields = callout_fields({
                {.name = "method", .type = Type::choice, .doc = "GET puts the question into the query.", .fallback = "POST", .choices = {"POST", "PUT", "GET"}},
                {.name = "form", .type = Type::choice, .doc = "How the question is written.", .fallback = "json", .choices = {"json", "form"}},
            }),
            .make = [](const config::Section& section, const PolicyParts& parts) -> std::shared_ptr<Authorizer> {
                const auto form = section.text("form") == "json" ? HttpAuthorizer::Form::json : HttpAuthorizer::Form::form;
                return std::make_shared<HttpAuthorizer>(CalloutSettings::read(section, parts), parts, section.text("method"), form);
            }};
}

}  // namespace junctor::authorizers::http
