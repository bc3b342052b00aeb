#include "policy/audit_trail.hpp"

#include "core/observe/log.hpp"
#include "core/ports/http_credentials.hpp"
#include "policy/audit_log.hpp"

namespace junctor::audit {
namespace {

std::string text(std::string_view view) { return std::string(view); }

/// For whoever asks why a client does not come in, where nobody keeps an audit log. Without the user's name, for which people type passwords at
/// times: this log is read by more people. Who has shown nothing may do so later, and is no event.
void tell_of_refusal(const Credentials& credentials, const AuthenticationStep& step) {
    if (!shows_any(credentials)) return;
    log_info("login", "not authenticated",
             {{"connector", credentials.connector}, {"peer", credentials.peer}, {"session", credentials.client_id}, {"reason", step.reason}});
}

}  // namespace

void authentication(const Policy& policy, const Credentials& credentials, const AuthenticationStep& step) noexcept {
    const bool allowed = step.outcome == AuthenticationStep::Outcome::allow;
    if (!allowed) tell_of_refusal(credentials, step);
    if (!policy.audit) return;
    policy.audit->write(allowed ? "authenticated" : "not authenticated", {{"connector", credentials.connector},
                                                                           {"peer", credentials.peer},
                                                                           {"session", credentials.client_id},
                                                                           {"user", credentials.user},
                                                                           {"certificate", credentials.certificate_subject},
                                                                           {"principal", allowed ? step.principal->name : std::string()},
                                                                           {"tenant", allowed ? step.principal->tenant_name : std::string()},
                                                                           {"reason", step.reason}});
}

void connected(const Policy& policy, const Session& session) noexcept {
    if (!policy.audit) return;
    const Principal& who = *session.principal();
    policy.audit->write("connected", {{"protocol", text(session.protocol())}, {"session", text(session.name())}, {"principal", who.name}, {"tenant", who.tenant_name}});
}

void disconnected(const Policy& policy, const Session& session, CloseReason reason) noexcept {
    if (!policy.audit) return;
    const Principal& who = *session.principal();
    policy.audit->write("disconnected", {{"protocol", text(session.protocol())},
                                         {"session", text(session.name())},
                                         {"principal", who.name},
                                         {"tenant", who.tenant_name},
                                         {"reason", text(to_string(reason))}});
}

void denied(const Policy& policy, const Question& question, const Verdict& verdict) noexcept {
    if (!policy.audit || !is_event(question.verb)) return;
    policy.audit->write("denied", {{"verb", text(to_string(question.verb))},
                                   {"object", text(question.object)},
                                   {"protocol", text(question.protocol)},
                                   {"session", text(question.session)},
                                   {"principal", question.principal->name},
                                   {"tenant", question.principal->tenant_name},
                                   {"rule", verdict.rule},
                                   {"reason", verdict.reason}});
}

void revoked(const Policy& policy, const Session& session, const TopicFilter& filter, std::string_view reason) noexcept {
    if (!policy.audit) return;
    const Principal& who = *session.principal();
    policy.audit->write("subscription revoked", {{"protocol", text(session.protocol())},
                                                 {"session", text(session.name())},
                                                 {"principal", who.name},
                                                 {"tenant", who.tenant_name},
                                                 {"object", filter.canonical()},
                                                 {"reason", text(reason)}});
}

void credentials_revoked(const Policy& policy, const Principal& by, std::string_view kind, std::string_view what) noexcept {
    if (policy.audit) policy.audit->write("credentials revoked", {{"principal", by.name}, {"tenant", by.tenant_name}, {"object", text(kind) + " " + text(what)}});
}

void administered(const Policy& policy, const Principal& who, std::string_view what) noexcept {
    if (policy.audit) policy.audit->write("administered", {{"principal", who.name}, {"tenant", who.tenant_name}, {"object", text(what)}});
}

}  // namespace junctor::audit
