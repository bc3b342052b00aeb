#include "gateway/admin/revocation.hpp"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "core/runtime/core.hpp"
#include "core/session/session_table.hpp"
#include "policy/jose/strict_json.hpp"
#include "policy/tokens/claims.hpp"

namespace junctor {

namespace {

using ExchangePtr = std::shared_ptr<HttpExchange>;
using SourcesPtr = std::shared_ptr<const AdminSources>;

constexpr JsonLimits body_json{.nesting = 2, .bytes = 4'096, .values = 8};
constexpr std::string_view usage =
    R"(Send one of {"token": "<jti>"}, {"principal": "<name>"} and {"session": "<id>"}, with "tenant" and "expires" (seconds since 1970) where they are meant.)";

/// What the caller wants.
struct Asked {
    Revocation revocation;
    SessionId session;  ///< or 0
};

void refuse(HttpExchange& exchange, unsigned status, std::string_view code, std::string_view detail) {
    exchange.respond(HttpResponse::problem(status, code, detail));
}

bool known(const nlohmann::json& body) {
    return std::ranges::all_of(body.items(), [](const auto& each) {
        return each.key() == "token" || each.key() == "principal" || each.key() == "session" || each.key() == "tenant" || each.key() == "expires";
    });
}

/// Says what is wrong; empty: nothing.
std::string_view read_target(const nlohmann::json& body, Asked& asked) {
    const std::string* token = jose::string_member(body, "token");
    const std::string* principal = jose::string_member(body, "principal");
    const std::string* session = jose::string_member(body, "session");
    if (!known(body) || !token + !principal + !session != 2) return usage;
    if (session) {
        const auto [end, error] = std::from_chars(session->data(), session->data() + session->size(), asked.session.value, 16);
        const bool whole = error == std::errc{} && end == session->data() + session->size() && asked.session;
        return whole && !body.contains("tenant") ? "" : "'session' is the id of a session, as /v1/sessions shows it, and stands for itself.";
    }
    asked.revocation.kind = token ? Revocation::Kind::token : Revocation::Kind::principal;
    asked.revocation.what = token ? *token : *principal;
    const std::size_t size = asked.revocation.what.size();
    return size > 0 && size <= Revocations::longest_text ? "" : "'token' and 'principal' have 1 to 255 bytes.";
}

std::string_view read_time(const nlohmann::json& body, WallTime now, Asked& asked) {
    asked.revocation.at = now;
    asked.revocation.until = now + Revocations::usual_time;
    const Result<std::optional<WallTime>> expires = claim_time(body, "expires");
    if (!expires || (*expires && **expires <= now)) return "'expires' is a time to come, in whole seconds since 1970: when the token ends by itself.";
    if (*expires) asked.revocation.until = **expires;
    return {};
}

std::string_view read_tenant(const nlohmann::json& body, const AdminSources& sources, CoreId core, const Principal& who, Asked& asked) {
    if (who.tenant != TenantId{}) {
        asked.revocation.tenant = who.tenant;
        return body.contains("tenant") ? "'tenant' is for those who belong to none." : "";
    }
    if (asked.revocation.kind == Revocation::Kind::principal) asked.revocation.tenant = TenantId{};
    if (!body.contains("tenant")) return {};
    const std::string* name = jose::string_member(body, "tenant");
    asked.revocation.tenant = name ? sources.tenant(core, *name) : std::nullopt;
    return asked.revocation.tenant ? "" : "'tenant' is the name of a tenant that there is.";
}

/// Says what is wrong; empty: nothing.
std::string read(const HttpExchange& exchange, const AdminSources& sources, const Principal& who, Asked& asked) {
    const Result<nlohmann::json> body = jose::parse_strict_object(as_text(exchange.request().body), body_json);
    if (!body) return std::string(usage);
    std::string_view wrong = read_target(*body, asked);
    if (wrong.empty()) wrong = read_time(*body, exchange.core().wall(), asked);
    if (wrong.empty() && !asked.session) wrong = read_tenant(*body, sources, exchange.core().id(), who, asked);
    return std::string(wrong);
}

using Done = std::function<void(HttpResponse)>;

HttpResponse accepted() { return {202, "application/json", "{}\n"}; }

/// Answers when the revocation would survive a crash, or says at once why there is none.
bool revoke(const AdminSources& sources, CoreId core, const Principal& who, const Asked& asked, const Done& done) {
    const Result<void> taken = sources.revoke(core, who, asked.revocation, [done] { done(accepted()); });
    if (taken) return true;
    done(taken.error() == Errc::overloaded ? HttpResponse::problem(503, "overloaded", "The store takes nothing at present; nothing was revoked. Try again.")
                                           : HttpResponse::problem(503, "quota_exceeded", "As many revocations stand as may (100000); nothing was revoked."));
    return false;
}

/// On the session's core. Its token goes with it.
void end_session(const AdminSources& sources, Core& core, const Principal& who, Asked& asked, const Done& done) {
    Session* const session = core.sessions().find(asked.session);
    if (!session || (who.tenant != TenantId{} && session->principal()->tenant != who.tenant))
        return done(HttpResponse::problem(404, "not_found", "There is no such session."));
    const PrincipalRef its = session->principal();
    const bool by_token = !session->durable() && its->token && !its->token->id.empty();
    if (by_token) {
        asked.revocation.tenant = its->tenant;
        asked.revocation.what = its->token->id;
        asked.revocation.until = its->expires_at.value_or(asked.revocation.until);
        if (!revoke(sources, core.id(), who, asked, done)) return;
    }
    sources.end(core.id(), who, *session);
    if (!by_token) done(accepted());
}

}  // namespace

void take_back(Host& host, const SourcesPtr& sources, ExchangePtr exchange, PrincipalRef who) {
    // No form of a foreign page can send this.
    if (!exchange->request().header("content-type").starts_with("application/json")) return refuse(*exchange, 415, "bad_request", "Send application/json.");
    Asked asked;
    if (const std::string wrong = read(*exchange, *sources, *who, asked); !wrong.empty()) return refuse(*exchange, 400, "bad_request", wrong);
    if (!asked.session) {
        revoke(*sources, exchange->core().id(), *who, asked, [exchange](HttpResponse response) { exchange->respond(std::move(response)); });
        return;
    }
    if (asked.session.core().value >= host.core_count()) return refuse(*exchange, 404, "not_found", "There is no such session.");
    host.post(asked.session.core(), [&host, sources, exchange = std::move(exchange), who = std::move(who), asked](Core& core) mutable {
        end_session(*sources, core, *who, asked, [&host, exchange](HttpResponse response) {
            host.post(exchange->core().id(), [exchange, response = std::move(response)](Core&) mutable { exchange->respond(std::move(response)); });
        });
    });
}

}  // namespace junctor
