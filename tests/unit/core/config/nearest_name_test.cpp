#include "core/config/nearest_name.hpp"

#include <gtest/gtest.h>

namespace junctor::config {
namespace {

const std::vector<std::string> names{"address", "path", "subscriptions_per_session", "tls"};

TEST(NearestName, FindsTypingErrors) {
    EXPECT_EQ(nearest_name("adress", names), "address");
    EXPECT_EQ(nearest_name("addrses", names), "address");
    EXPECT_EQ(nearest_name("ADDRESS", names), "address");
    EXPECT_EQ(nearest_name("subscriptions-per-session", names), "subscriptions_per_session");
    EXPECT_EQ(nearest_name("tsl", names), "tls");
}

TEST(NearestName, FindsWhatWasCutShort) {
    EXPECT_EQ(nearest_name("addr", names), "address");
    EXPECT_EQ(nearest_name("SUBS", names), "subscriptions_per_session");
    EXPECT_FALSE(nearest_name("su", names));
    EXPECT_EQ(nearest_name("pat", {"pattern", "path"}), "path") << "an edit is nearer";
}

TEST(NearestName, OffersNothingFarAway) {
    EXPECT_FALSE(nearest_name("durability", names));
    EXPECT_FALSE(nearest_name("", names));
    EXPECT_FALSE(nearest_name(std::string(100'000, 'a'), names));
}

TEST(NearestName, SuggestionListsWhatIsValidInstead) {
    EXPECT_EQ(suggestion("pth", names), "; did you mean 'path'?");
    EXPECT_EQ(suggestion("zzz", {"a", "b"}), "; valid here: a, b");
}

}  // namespace
}  // namespace junctor::config
