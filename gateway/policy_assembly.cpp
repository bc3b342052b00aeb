#include "gateway/policy_assembly.hpp"

#include "policy/authenticators/anonymous.hpp"
#include "policy/authorizers/allow_all.hpp"

namespace junctor {

PolicyPtr assemble_policy(const Configuration& configuration) {
    if (!configuration.policy_written) return default_policy();
    auto policy = std::make_shared<Policy>();
    if (configuration.anonymous != AnonymousFrom::nobody) {
        const auto from = configuration.anonymous == AnonymousFrom::loopback ? Anonymous::From::loopback : Anonymous::From::any;
        policy->authenticators.push_back(std::make_shared<Anonymous>(from, Anonymous::Company::alone));
    }
    if (configuration.allow_all) policy->authorizers.push_back(std::make_shared<AllowAll>());
    return policy;
}

std::string who_may_connect(const Configuration& configuration) {
    if (!configuration.allow_all) return "nobody";
    switch (configuration.anonymous) {
        case AnonymousFrom::nobody: return "nobody";
        case AnonymousFrom::loopback: return "this machine";
        case AnonymousFrom::anywhere: return "anybody";
    }
    return {};
}

}  // namespace junctor
