#include "policy/policy.hpp"

#include "policy/authenticators/anonymous.hpp"
#include "policy/authorizers/allow_all.hpp"

namespace junctor {

void Policy::start() const {
    if (audit) audit->start();
    for (const auto& each : authenticators) each->start();
    for (const auto& each : authorizers) each->start();
}

bool Policy::disowns(const Principal& principal) const noexcept {
    if (principal.vouched_by.empty()) return false;
    bool disowned = false;
    bool owned = false;
    const auto ask = [&](const Authenticators& chain) {
        for (const auto& each : chain)
            if (each->name() == principal.vouched_by) (each->disowns(principal) ? disowned : owned) = true;
    };
    ask(authenticators);
    for (const auto& [connector, chain] : chains) ask(chain);
    return disowned && !owned;
}

PolicyPtr default_policy() {
    auto policy = std::make_shared<Policy>();
    policy->authenticators.push_back(
        std::make_shared<Anonymous>(Anonymous::From::loopback, Anonymous::Company::alone, Ref<const Principal>(new Principal({}, "anonymous"))));
    policy->authorizers.push_back(std::make_shared<AllowAll>());
    return policy;
}

}  // namespace junctor
