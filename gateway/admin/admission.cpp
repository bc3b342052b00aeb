#include "gateway/admin/admission.hpp"

#include "core/base/base64.hpp"
#include "core/ports/gate.hpp"
#include "core/ports/http.hpp"
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

void read_authorization(std::string_view header, Credentials& credentials) {
    if (header.starts_with("Bearer ")) credentials.bearer = header.substr(7);
    if (!header.starts_with("Basic ")) return;
    ByteBuffer plain;
    if (!append_from_base64(plain, header.substr(6))) return;
    const std::string_view pair = as_text(plain);
    const std::size_t colon = pair.find(':');
    credentials.user = pair.substr(0, colon);
    credentials.has_password = colon != std::string_view::npos;
    if (credentials.has_password) credentials.password = pair.substr(colon + 1);
}

Credentials credentials_of(const HttpRequest& request) {
    Credentials credentials;
    credentials.connector = admin_name;
    credentials.peer = request.peer.address;
    credentials.loopback = request.peer.loopback;
    credentials.certificate_subject = request.peer.certificate_subject;
    credentials.certificate_names = request.peer.certificate_names;
    read_authorization(request.header("authorization"), credentials);
    return credentials;
}

void refuse(HttpExchange& exchange, std::uint16_t status, std::string_view sentence) {
    HttpResponse refusal = HttpResponse::problem(status, "denied", std::string(sentence));
    if (status == 401) refusal.headers.push_back({"WWW-Authenticate", "Basic realm=\"junctor\""});
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
        auto conversation = exchange->core().gate().authenticate(credentials_of(exchange->request()), [pending](AuthenticationStep step) {
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
