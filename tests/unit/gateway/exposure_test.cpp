#include "gateway/exposure.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/setup_error.hpp"

namespace junctor {
namespace {

using testing::HasSubstr;
using testing::Not;

// Threat class 11: without a policy nothing may be open to others.
TEST(Threat11, AnAddressThatOthersReachNeedsAPolicy) {
    EXPECT_NO_THROW(require_loopback("connector 'mqtt'", {"127.0.0.1", 1883}));
    EXPECT_NO_THROW(require_loopback("the admin API", {"::1", 8081}));
    for (const char* host : {"0.0.0.0", "::", "10.0.0.1"}) {
        try {
            require_loopback("connector 'mqtt'", {host, 1883});
            FAIL() << host;
        } catch (const SetupError& refused) {
            EXPECT_THAT(refused.what(), HasSubstr("connector 'mqtt' would listen on " + Address{host, 1883}.text()));
            EXPECT_THAT(refused.what(), HasSubstr("policy: {authenticators:"));
            EXPECT_THAT(refused.what(), Not(HasSubstr("\n")));
        }
    }
}

}  // namespace
}  // namespace junctor
