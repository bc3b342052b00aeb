#include "gateway/admin/admission.hpp"

#include "core/ports/gate.hpp"
#include "core/ports/http_credentials.hpp"
#include "core/runtime/core.hpp"
#include "gateway/configuration.hpp"

namespace junctor {

namespace {

/// A request whose sender is being found out. Kept alive by the conversation's callback until it is over.
struct Admission {
    std::shared_ptr<HttpExchange> exchange;
    AdminHandler next;
    std::unique_ptr<Authentication> conversation;
};

void refuse(HttpExchange& exchange, std::uint16_t status, std::string_view sentence) {
    HttpResponse refusal = HttpResponse::problem(status, "denied", std::string(sentence));
    if (status == 401) refusal.headers.push_back({"WWW-Authenticate", "Basic realm=\"junctor\", charset=\"UTF-8\""});
    if (status == 401) refusal.headers.push_back({"WWW-Authenticate", "Bearer realm=\"junctor\""});
    exchange.respond(std::move(refusal));
}

/// Known, but may they?
void admit(const std::shared_ptr<HttpExchange>& exchange, const AdminHandler& next, PrincipalRef who) {
    exchange->core().gate().ask(who, Verb::admin, exchange->request().path, [exchange, next, who](const Verdict& verdict) {
        if (verdict.allowed()) return next(exchange, *who);
        refuse(*exchange, 403, "The policy does not let you administer this gateway.");
    });
}

void decide(Admission& admission, AuthenticationStep step) {
    const auto exchange = std::move(admission.exchange);
    const AdminHandler next = std::move(admission.next);
    if (step.outcome == AuthenticationStep::Outcome::allow) return admit(exchange, next, std::move(step.principal));
    refuse(*exchange, 401, "The policy does not let you in.");
}

}  // namespace

HttpHandler for_the_admitted(AdminHandler next) {
    return [next = std::move(next)](std::shared_ptr<HttpExchange> exchange) {
        const auto admission = std::make_shared<Admission>(Admission{exchange, next, nullptr});
        const std::weak_ptr<Admission> pending = admission;
        exchange->on_closed([admission] {
            admission->conversation.reset();
            admission->exchange.reset();
        });
        Credentials credentials;
        credentials.connector = admin_name;
        if (!read_http_credentials(exchange->request(), {}, credentials)) return refuse(*exchange, 401, "There must be one Authorization, of Basic or Bearer.");
        auto conversation = exchange->core().gate().authenticate(std::move(credentials), [pending](AuthenticationStep step) {
            if (const auto alive = pending.lock(); alive && alive->exchange) decide(*alive, std::move(step));
        });
        if (admission->exchange) admission->conversation = std::move(conversation);
    };
}

HttpHandler for_operators(HttpHandler next) {
    return for_the_admitted([next = std::move(next)](std::shared_ptr<HttpExchange> exchange, const Principal& who) {
        if (who.tenant == TenantId{}) return next(std::move(exchange));
        refuse(*exchange, 403, "This tells about all tenants: it is for those who belong to none.");
    });
}

}  // namespace junctor
