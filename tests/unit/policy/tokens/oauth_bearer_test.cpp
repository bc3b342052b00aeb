#include "policy/tokens/oauth_bearer.hpp"

#include <gtest/gtest.h>

namespace junctor {
namespace {

using namespace std::string_view_literals;

TEST(OauthBearer, FindsTheToken) {
    EXPECT_EQ(token_of_oauth_bearer("n,,\1auth=Bearer abc.def.ghi\1\1"), "abc.def.ghi");
    EXPECT_EQ(token_of_oauth_bearer("y,,\1host=server\1port=8883\1auth=bearer x\1\1"), "x");
}

TEST(OauthBearer, HearsNothingElse) {
    for (const std::string_view bad : {""sv, "n"sv, "n,,"sv, "n,,\1"sv, "n,,\1\1"sv, "n,,\1auth=Bearer x"sv, "n,,\1auth=Bearer x\1"sv, "n,,\1auth=Bearer x\1\1more"sv,
                                       "n,,\1auth=Bearer \1\1"sv, "n,,\1auth=Basic x\1\1"sv, "n,,\1auth=Bearer x\1auth=Bearer y\1\1"sv, "n,,\1Auth=Bearer x\1\1"sv,
                                       "n,a=root,\1auth=Bearer x\1\1"sv, "p=tls-unique,,\1auth=Bearer x\1\1"sv, "n,,auth=Bearer x\1\1"sv, "x,,\1auth=Bearer x\1\1"sv,
                                       "Bearer x"sv, "x"sv})
        EXPECT_EQ(token_of_oauth_bearer(bad), std::nullopt) << bad;
}

}  // namespace
}  // namespace junctor
