#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

#include "core/config/load.hpp"
#include "policy/authorizers/acl/acl.hpp"
#include "tests/support/fake_clock.hpp"

namespace junctor::authorizers::acl {
AuthorizerDescriptor descriptor();
}

namespace junctor::test {

using testing::HasSubstr;
using Outcome = Verdict::Outcome;

/// Somebody who asks.
struct Asker {
    explicit Asker(std::string name, std::string tenant = {}, std::string session = {})
        : principal(new Principal({}, std::move(name))), session_name(std::move(session)) {
        principal->tenant_name = std::move(tenant);
    }
    Asker& in(const std::string& group) {
        principal->groups.push_back(group);
        return *this;
    }
    Asker& with(const std::string& claim, const std::string& value) {
        principal->attributes[claim] = value;
        return *this;
    }

    Ref<Principal> principal;
    std::string session_name;
};

class AclFixture : public testing::Test {
protected:
    /// An acl of this configuration, in YAML.
    std::shared_ptr<Authorizer> make(const std::string& text) {
        const AuthorizerDescriptor descriptor = authorizers::acl::descriptor();
        const config::Section section = config::load_text(text, descriptor.fields, {"acl.yaml", testing::TempDir()});
        const PolicyParts parts{.clock = clock_,
                                .post = {},
                                .changed =
                                    [this] {
                                        ++changes;
                                        on_change();
                                    },
                                .metrics = {},
                                .directory = {},
                                .tenants = std::make_shared<Tenants>(),
                                .name = "rules"};
        return descriptor.make(section, parts);
    }
    /// With these rules and no other.
    void rules(const std::string& list) { acl = make("rules: " + list); }

    Verdict verdict(const Asker& asker, Verb verb, std::string_view object) {
        const PrincipalRef who = asker.principal;
        const Question question{who, verb, object, asker.session_name, "test", CoreId{0}};
        Verdict heard;
        acl->authorize(question, [&](Verdict said) { heard = std::move(said); });
        EXPECT_EQ(acl->cached(question), heard.outcome) << "the short answer is the same";
        return heard;
    }
    Outcome ask(const Asker& asker, Verb verb, std::string_view object = {}) { return verdict(asker, verb, object).outcome; }

    std::string error(const std::string& text) {
        try {
            make(text);
            return {};
        } catch (const std::exception& refused) {
            return refused.what();
        }
    }

    FakeClock clock_;
    int changes = 0;
    std::function<void()> on_change = [] {};
    std::shared_ptr<Authorizer> acl;
};

}  // namespace junctor::test
