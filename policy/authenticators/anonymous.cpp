#include "policy/authenticators/anonymous.hpp"

#include "core/ports/http_credentials.hpp"

namespace junctor {

Anonymous::Anonymous(From from, Company company, PrincipalRef principal) : from_(from), company_(company), principal_(std::move(principal)) {}

bool Anonymous::admits(const Credentials& credentials) const noexcept {
    if (shows_any(credentials) && company_ == Company::with_others) return false;
    if (!credentials.method.empty()) return false;  // a method that nobody speaks cannot be overlooked
    return from_ == From::any || credentials.loopback;
}

std::unique_ptr<Authentication> Anonymous::begin(const Credentials& credentials, AuthenticationDone done) {
    AuthenticationStep step;
    if (admits(credentials)) {
        step.outcome = AuthenticationStep::Outcome::allow;
        step.principal = principal_;
    }
    done(std::move(step));
    return nullptr;
}

namespace authenticators::anonymous {

AuthenticatorDescriptor descriptor() {
    return {.name = "anonymous",
            .summary = "Lets clients in without credentials.",
            .fields = {{.name = "from",
                        .type = config::Type::choice,
                        .doc = "Where such clients may come from.",
                        .fallback = "loopback",
                        .choices = {"loopback", "any"}}},
            .whom = [](const config::Section& entry) { return entry.text("from") == "any" ? "anybody" : "this machine"; },
            .make = [](const config::Section& entry, const PolicyParts& parts) {
                const auto from = entry.text("from") == "any" ? Anonymous::From::any : Anonymous::From::loopback;
                const auto company = parts.alone ? Anonymous::Company::alone : Anonymous::Company::with_others;
                return std::make_shared<Anonymous>(from, company, parts.principal("anonymous"));
            }};
}

}  // namespace authenticators::anonymous

}  // namespace junctor
