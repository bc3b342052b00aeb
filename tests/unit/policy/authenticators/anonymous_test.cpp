#include "policy/authenticators/anonymous.hpp"

#include <gtest/gtest.h>

namespace junctor {
namespace {

using Outcome = AuthenticationStep::Outcome;

Outcome anonymous(Anonymous::From from, const Credentials& credentials, Anonymous::Company company = Anonymous::Company::with_others) {
    Outcome outcome = Outcome::challenge;
    Anonymous(from, company, PrincipalRef(new Principal({}, "anonymous"))).begin(credentials, [&](AuthenticationStep step) { outcome = step.outcome; });
    return outcome;
}

Credentials from_loopback() {
    Credentials credentials;
    credentials.loopback = true;
    return credentials;
}

TEST(Anonymous, AdmitsThisMachineOrEverybody) {
    EXPECT_EQ(anonymous(Anonymous::From::loopback, from_loopback()), Outcome::allow);
    EXPECT_EQ(anonymous(Anonymous::From::loopback, {}), Outcome::abstain);
    EXPECT_EQ(anonymous(Anonymous::From::any, {}), Outcome::allow);
}

TEST(Anonymous, NeverTakesCredentialsForNoneWhereOthersJudgeThem) {
    for (const auto member : {&Credentials::user, &Credentials::password, &Credentials::bearer, &Credentials::method, &Credentials::certificate_subject}) {
        Credentials credentials = from_loopback();
        credentials.*member = "shown";
        EXPECT_EQ(anonymous(Anonymous::From::any, credentials), Outcome::abstain);
        const bool method = member == &Credentials::method;
        EXPECT_EQ(anonymous(Anonymous::From::any, credentials, Anonymous::Company::alone), method ? Outcome::abstain : Outcome::allow);
    }
}

}  // namespace
}  // namespace junctor
