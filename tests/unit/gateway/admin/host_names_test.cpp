#include "gateway/admin/host_names.hpp"

#include <gtest/gtest.h>

namespace junctor {
namespace {

// Threat class 28: a web page must not read the admin API by DNS rebinding.
TEST(Threat28, OnlyAddressesAndKnownNamesReachTheAdminApi) {
    for (const char* host :
         {"127.0.0.1:8081", "127.0.0.1", "[::1]:8081", "[::1]", "localhost:8081", "LOCALHOST", "10.1.2.3:8081", "junctor.internal:8081"})
        EXPECT_TRUE(host_allowed(host, {"junctor.internal"})) << host;
    for (const char* host : {"", "evil.example:8081", "evil.example", "localhost.evil.example", "127.0.0.1.evil.example",
                             "junctor.internal.evil.example", "[evil]", "::1", ":8081", "127.0.0.1:80:81x"})
        EXPECT_FALSE(host_allowed(host, {"junctor.internal"})) << host;
}

}  // namespace
}  // namespace junctor
