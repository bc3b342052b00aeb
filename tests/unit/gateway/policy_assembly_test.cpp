#include "gateway/policy_assembly.hpp"

#include <gtest/gtest.h>

namespace junctor {
namespace {

const Address here{"127.0.0.1", 1};
const Address everywhere{"0.0.0.0", 1};

Configuration with(AnonymousFrom anonymous, bool allow_all = true) {
    Configuration configuration;
    configuration.policy_written = true;
    configuration.anonymous = anonymous;
    configuration.allow_all = allow_all;
    return configuration;
}

TEST(PolicyAssembly, HoldsWhatIsConfigured) {
    EXPECT_EQ(assemble_policy(with(AnonymousFrom::anywhere))->authenticators.size(), 1U);
    EXPECT_TRUE(assemble_policy(with(AnonymousFrom::nobody))->authenticators.empty());
    EXPECT_TRUE(assemble_policy(with(AnonymousFrom::anywhere, false))->authorizers.empty());
    EXPECT_EQ(assemble_policy({})->authenticators.size(), 1U);
}

TEST(PolicyAssembly, TheTableSaysWhoGetsIn) {
    EXPECT_EQ(who_may_connect({}, here, {}), "this machine");
    EXPECT_EQ(who_may_connect(with(AnonymousFrom::anywhere), here, {}), "this machine");
    EXPECT_EQ(who_may_connect(with(AnonymousFrom::anywhere), everywhere, {}), "anybody");
    EXPECT_EQ(who_may_connect(with(AnonymousFrom::loopback), everywhere, {}), "this machine");
    EXPECT_EQ(who_may_connect(with(AnonymousFrom::nobody), everywhere, {}), "nobody");
    EXPECT_EQ(who_may_connect(with(AnonymousFrom::anywhere, false), everywhere, {}), "nobody");
    EXPECT_EQ(who_may_connect(with(AnonymousFrom::anywhere), everywhere, TlsSettings{"c", "k", "ca"}), "anybody with a certificate");
    EXPECT_EQ(who_may_connect(with(AnonymousFrom::anywhere), everywhere, TlsSettings{"c", "k", ""}), "anybody");
}

}  // namespace
}  // namespace junctor
