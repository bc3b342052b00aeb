#include "gateway/policy_assembly.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/config/problems.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/unit/gateway/application_fixture.hpp"

namespace junctor {
namespace {

using testing::HasSubstr;

const Address here{"127.0.0.1", 1};
const Address everywhere{"0.0.0.0", 1};

class PolicyAssembly : public testing::Test {
protected:
    PolicyPtr assemble(const std::string& text) {
        return assemble_policy(test::configuration(text), {.clock = clock_, .post = {}, .changed = [] {}, .metrics = {}, .directory = {}, .tenants = {}});
    }
    std::string error(const std::string& text) {
        try {
            assemble(text);
            return {};
        } catch (const config::ConfigError& refused) {
            return refused.what();
        }
    }
    /// What the chain of a connector says to a client of this machine that shows nothing.
    static AuthenticationStep answer(const Policy& policy, std::string_view connector) {
        Credentials nothing;
        nothing.loopback = true;
        AuthenticationStep last;
        for (const auto& each : policy.chain(connector))
            each->begin(nothing, [&](AuthenticationStep step) {
                if (last.outcome == AuthenticationStep::Outcome::abstain) last = std::move(step);
            });
        return last;
    }

    test::FakeClock clock_;
};

TEST_F(PolicyAssembly, HoldsWhatIsConfigured) {
    const PolicyPtr all = assemble("policy: {authenticators: [{type: anonymous}, {type: anonymous, from: any}], authorizers: [{type: allow_all}]}");
    EXPECT_EQ(all->authenticators.size(), 2U);
    EXPECT_EQ(all->authorizers.size(), 1U);
    EXPECT_TRUE(assemble("policy: {authenticators: [], authorizers: []}")->authenticators.empty());
    EXPECT_EQ(assemble("cores: 1")->authenticators.size(), 1U);
}

TEST_F(PolicyAssembly, AConnectorChoosesAndOrdersWhomItAsks) {
    const PolicyPtr policy = assemble(
        "connectors: [{type: mqtt, name: plant, address: \"127.0.0.1:3\", authenticators: [b, a]}, {type: mqtt, name: all, address: \"127.0.0.1:1\"},\n"
        "             {type: mqtt, name: closed, address: \"127.0.0.1:2\", authenticators: []}]\n"
        "policy: {authenticators: [{type: anonymous, name: a}, {type: anonymous, name: b, from: any}], authorizers: []}\n"
        "admin: {authenticators: [a]}\n");
    ASSERT_EQ(policy->chain("plant").size(), 2U);
    EXPECT_EQ(policy->chain("plant")[0], policy->authenticators[1]);
    EXPECT_EQ(policy->chain("plant")[1], policy->authenticators[0]);
    EXPECT_EQ(policy->chain("all"), policy->authenticators);
    EXPECT_TRUE(policy->chain("closed").empty());
    EXPECT_EQ(policy->chain("admin").size(), 1U);
}

TEST_F(PolicyAssembly, NamesThatAreNotThereAreErrors) {
    const std::string one = "policy: {authenticators: [{type: anonymous, name: plant}], authorizers: []}\n";
    EXPECT_THAT(error(one + "admin: {authenticators: [plnat]}"), HasSubstr("no authenticator is named 'plnat'; did you mean 'plant'?"));
    EXPECT_THAT(error(one + "connectors: [{type: mqtt, address: \"127.0.0.1:1\", authenticators: [x]}]"), HasSubstr(":2:67: no authenticator is named 'x'"));
    EXPECT_THAT(error("connectors: [{type: mqtt, address: \"127.0.0.1:1\", authenticators: [x]}]"), HasSubstr("'policy:', which is not there"));
    EXPECT_THAT(error("policy: {authenticators: [{type: anonymous, name: a}, {type: anonymous, name: a}], authorizers: []}"),
                HasSubstr("two authenticators are named 'a'"));
    EXPECT_THAT(error("connectors: [{type: mqtt, name: admin, address: \"127.0.0.1:1\"}]"), HasSubstr("cannot be named 'admin'"));
}

TEST_F(PolicyAssembly, TenantsAreDeclared) {
    const std::string entry = "policy: {authenticators: [{type: anonymous, tenant: acme}], authorizers: [], ";
    const AuthenticationStep step = answer(*assemble(entry + "tenants: [{name: acme}]}"), "mqtt");
    ASSERT_TRUE(step.principal);
    EXPECT_EQ(step.principal->tenant, Tenants::id_of("acme"));
    EXPECT_EQ(step.principal->tenant_name, "acme");
    EXPECT_TRUE(answer(*assemble(entry + "other_tenants: accepted}"), "mqtt").principal);
    EXPECT_THAT(error(entry + "tenants: [{name: Acme}]}"), HasSubstr(":1:27: the tenant 'acme' does not stand under 'tenants:'"));
    EXPECT_THAT(error(entry + "tenants: [{name: acme}, {name: acme}]}"), HasSubstr("declared twice"));
}

TEST_F(PolicyAssembly, TheTableSaysWhoGetsIn) {
    const auto who = [](const std::string& text, const Address& address, const std::optional<TlsSettings>& tls = {}) {
        const Configuration configuration = test::configuration(text);
        return who_may_connect(configuration, configuration.admin_authenticators, address, tls);
    };
    const auto with = [](const std::string& authenticators) {
        return "policy: {authenticators: [" + authenticators + "], authorizers: [{type: allow_all}]}\n";
    };
    const std::string any = with("{type: anonymous, from: any}");
    EXPECT_EQ(who("cores: 1", here), "this machine");
    EXPECT_EQ(who(any, here), "this machine");
    EXPECT_EQ(who(any, everywhere), "anybody");
    EXPECT_EQ(who(with("{type: anonymous}"), everywhere), "this machine");
    EXPECT_EQ(who(with(""), everywhere), "nobody");
    EXPECT_EQ(who("policy: {authenticators: [{type: anonymous, from: any}], authorizers: []}", everywhere), "nobody");
    EXPECT_EQ(who(any, everywhere, TlsSettings{"c", "k", "ca"}), "anybody with a certificate");
    EXPECT_EQ(who(any, everywhere, TlsSettings{"c", "k", ""}), "anybody");
    const std::string two = with("{type: anonymous, name: a}, {type: anonymous, name: b, from: any}");
    EXPECT_EQ(who(two, everywhere), "this machine or anybody");
    EXPECT_EQ(who(two, here), "this machine");
    EXPECT_EQ(who(two + "admin: {authenticators: [a]}", everywhere), "this machine");
    EXPECT_EQ(who(two + "admin: {authenticators: []}", everywhere), "nobody");
}

}  // namespace
}  // namespace junctor
