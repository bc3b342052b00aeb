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

std::string who_may_connect(const Configuration& configuration, const Address& address, const std::optional<TlsSettings>& tls) {
    if (!configuration.allow_all || configuration.anonymous == AnonymousFrom::nobody) return "nobody";
    const bool only_here = configuration.anonymous == AnonymousFrom::loopback || address.loopback();
    const bool certificate = tls && !tls->client_ca.empty() && tls->client_required;
    return std::string(only_here ? "this machine" : "anybody") + (certificate ? " with a certificate" : "");
}

}  // namespace junctor
