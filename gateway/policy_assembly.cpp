#include "gateway/policy_assembly.hpp"

#include <algorithm>

#include "gateway/setup_problems.hpp"
#include "policy/plugin.hpp"

namespace junctor {

namespace {

template <class PluginDescriptor>
const PluginDescriptor& descriptor_of(const std::string& type, const std::vector<PluginDescriptor>& descriptors) {
    return *std::ranges::find(descriptors, type, &PluginDescriptor::name);  // the schema knows no other
}

const PolicyEntry& entry_of(const std::string& name, const PolicySettings& settings) {
    return *std::ranges::find(settings.authenticators, name, &PolicyEntry::name);  // the configuration has been checked
}

void declare_tenants(const PolicySettings& settings, Tenants& tenants, SetupProblems& problems) {
    for (const config::Section& entry : settings.tenants) {
        if (!entry.sound()) continue;
        const std::string problem = tenants.declare(entry.text("name"));
        if (!problem.empty()) problems.add(entry.where("name"), problem);
    }
}

/// Makes what a configuration says, entry by entry.
class Assembly {
public:
    Assembly(const Configuration& configuration, PolicyParts parts, SetupProblems& problems)
        : settings_(*configuration.policy), parts_(std::move(parts)), problems_(problems) {
        using Others = Tenants::Others;
        parts_.directory = configuration.directory;
        parts_.tenants = policy_->tenants = std::make_shared<Tenants>(settings_.other_tenants ? Others::accepted : Others::refused);
        parts_.changed = [policy = std::weak_ptr(policy_), tell = parts_.changed] {
            const auto there = policy.lock();
            if (!there) return;
            ++there->epoch;
            tell();
        };
        policy_->limits = settings_.limits;
        if (!settings_.audit.empty())
            problems_.attempt(settings_.audit_where, [&] { policy_->audit = std::make_shared<AuditLog>(settings_.audit, parts_.clock); });
        declare_tenants(settings_, *parts_.tenants, problems_);
        make_authenticators();
        make_authorizers();
        if (!problems_.empty()) return;
        for (const ConnectorEntry& connector : configuration.connectors) add_chain(connector.name, connector.authenticators);
        add_chain(std::string(admin_name), configuration.admin_authenticators);
    }

    PolicyPtr take() { return std::move(policy_); }

private:
    void make_authenticators() {
        const auto descriptors = authenticator_descriptors();
        for (const PolicyEntry& entry : settings_.authenticators)
            attempt(entry, [&] {
                PolicyParts parts = parts_of(entry, settings_.authenticators);
                if (entry.section.has("tenant")) parts.tenant = entry.section.text("tenant");
                if (settings_.tenants_known && !parts.tenants->find(parts.tenant)) throw SetupError("the tenant '" + parts.tenant + "' does not stand under 'tenants:'");
                made_[entry.name] = descriptor_of(entry.type, descriptors).make(entry.section, parts);
                policy_->authenticators.push_back(made_[entry.name]);
            });
    }

    void make_authorizers() {
        const auto descriptors = authorizer_descriptors();
        for (const PolicyEntry& entry : settings_.authorizers)
            attempt(entry, [&] {
                policy_->authorizers.push_back(
                    descriptor_of(entry.type, descriptors).make(entry.section, parts_of(entry, settings_.authorizers)));
            }, !entry.type.empty() && descriptor_of(entry.type, descriptors).makes_parts);
    }

    PolicyParts parts_of(const PolicyEntry& entry, const std::vector<PolicyEntry>& list) const {
        PolicyParts parts = parts_;
        parts.name = entry.name;
        parts.alone = list.size() == 1;
        return parts;
    }

    template <class Step>
    void attempt(const PolicyEntry& entry, Step&& step, bool parts = false) {
        if (entry.section.sound() || parts) problems_.attempt(entry.section.where(), step);
    }

    void add_chain(const std::string& connector, const std::optional<std::vector<std::string>>& names) {
        if (!names) return;
        Policy::Authenticators& chain = policy_->chains[connector];
        for (const std::string& name : *names) chain.push_back(made_.at(name));
    }

    const PolicySettings& settings_;
    PolicyParts parts_;
    SetupProblems& problems_;
    std::shared_ptr<Policy> policy_ = std::make_shared<Policy>();
    std::map<std::string, std::shared_ptr<Authenticator>> made_;
};

void append_different(std::vector<std::string>& to, std::string text) {
    if (std::ranges::find(to, text) == to.end()) to.push_back(std::move(text));
}

std::string joined(const std::vector<std::string>& texts) {
    std::string all;
    for (const std::string& text : texts) all += (all.empty() ? "" : " or ") + text;
    return all;
}

}  // namespace

PolicyPtr assemble_policy(const Configuration& configuration, PolicyParts parts, SetupProblems& problems) {
    return configuration.policy ? Assembly(configuration, std::move(parts), problems).take() : default_policy();
}

PolicyPtr assemble_policy(const Configuration& configuration, PolicyParts parts) {
    SetupProblems problems(configuration.source);
    PolicyPtr policy = assemble_policy(configuration, std::move(parts), problems);
    problems.throw_any();
    return policy;
}

std::string who_may_connect(const Configuration& configuration, const std::optional<std::vector<std::string>>& chain, const Address& address,
                            const std::optional<TlsSettings>& tls) {
    const bool certificate = tls && !tls->client_ca.empty() && tls->client_required;
    const std::string shown = certificate ? " with a certificate" : "";
    if (!configuration.policy) return "this machine" + shown;
    const PolicySettings& settings = *configuration.policy;
    std::vector<std::string> admitted;
    const auto add = [&](const PolicyEntry& entry) {
        const std::string whom = descriptor_of(entry.type, authenticator_descriptors()).whom(entry.section);
        const bool all = whom == "anybody" || whom == "this machine";
        append_different(admitted, !address.loopback() ? whom : all ? "this machine" : whom + " on this machine");
    };
    if (chain)
        for (const std::string& name : *chain) add(entry_of(name, settings));
    else
        for (const PolicyEntry& entry : settings.authenticators) add(entry);
    if (admitted.empty() || settings.authorizers.empty()) return "nobody";
    return joined(admitted) + shown;
}

}  // namespace junctor
