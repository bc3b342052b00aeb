#pragma once

#include "core/config/load.hpp"
#include "policy/plugin.hpp"
#include "tests/support/fake_clock.hpp"

namespace junctor::authorizers::acl {
AuthorizerDescriptor descriptor();
}

namespace junctor::test {

/// An acl of these rules, a list in YAML.
inline std::shared_ptr<Authorizer> make_acl(const std::string& rules) {
    static FakeClock clock;
    const AuthorizerDescriptor descriptor = authorizers::acl::descriptor();
    const PolicyParts parts{.clock = clock, .post = {}, .changed = [] {}, .metrics = {}, .directory = {}, .tenants = {}, .name = "acl"};
    return descriptor.make(config::load_text("rules: " + rules, descriptor.fields, {"acl.yaml", {}}), parts);
}

}  // namespace junctor::test
