#include "policy/authenticators/anonymous.hpp"

namespace junctor {

Anonymous::Anonymous(From from, Company company) : from_(from), company_(company), principal_(new Principal(TenantId{}, "anonymous")) {}

bool Anonymous::admits(const Credentials& credentials) const noexcept {
    const bool shows_some = !credentials.user.empty() || !credentials.password.empty() || !credentials.bearer.empty() ||
                            !credentials.method.empty() || !credentials.certificate_subject.empty();
    if (shows_some && company_ == Company::with_others) return false;
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

}  // namespace junctor
