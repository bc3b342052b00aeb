#include "policy/authenticators/mtls.hpp"

#include "tests/unit/policy/authenticators/plugin_fixture.hpp"

namespace junctor {
namespace {

using Outcome = AuthenticationStep::Outcome;
using Identity = MutualTls::Identity;

class MutualTlsTest : public test::PluginTest {
protected:
    AuthenticationStep judged(Identity identity, const Credentials& shown) {
        MutualTls::Settings settings;
        settings.identity = identity;
        return judged(std::move(settings), shown);
    }
    AuthenticationStep judged(MutualTls::Settings settings, const Credentials& shown) {
        steps.clear();
        MutualTls(std::move(settings), parts()).begin(shown, note);
        return steps.at(0);
    }
    std::string name(Identity identity, const Credentials& shown) {
        const AuthenticationStep step = judged(identity, shown);
        return step.outcome == Outcome::allow ? step.principal->name : "";
    }
    static Credentials certificate(std::string subject, std::vector<std::string> names = {}) {
        Credentials shown;
        shown.certificate_subject = std::move(subject);
        shown.certificate_names = std::move(names);
        return shown;
    }
};

TEST_F(MutualTlsTest, TakesTheNameThatItIsToldTo) {
    const Credentials shown = certificate("CN=pump-7,OU=plant,O=Example", {"DNS:pump-7.example", "URI:urn:pump:7", "email:pump@example"});
    EXPECT_EQ(name(Identity::common_name, shown), "pump-7");
    EXPECT_EQ(name(Identity::subject, shown), "CN=pump-7,OU=plant,O=Example");
    EXPECT_EQ(name(Identity::dns, shown), "pump-7.example");
    EXPECT_EQ(name(Identity::uri, shown), "urn:pump:7");
    EXPECT_EQ(name(Identity::email, shown), "pump@example");
}

/// THREATS 30: what a value says is no name of its own, and of two names none counts.
TEST_F(MutualTlsTest, IsNotToldSomethingElseByAValue) {
    EXPECT_EQ(name(Identity::common_name, certificate("O=a\\,CN=admin,CN=pump")), "pump");
    EXPECT_EQ(name(Identity::common_name, certificate("O=a\\,CN=admin")), "");
    EXPECT_EQ(name(Identity::common_name, certificate("O=x\\+CN=admin\\,CN=root")), "");
    EXPECT_EQ(name(Identity::common_name, certificate("CN=pump,CN=admin")), "");
    EXPECT_EQ(name(Identity::common_name, certificate("CN=pump+CN=admin")), "");
    EXPECT_EQ(name(Identity::common_name, certificate("CN=admin\\00.evil")), "");
    EXPECT_EQ(name(Identity::common_name, certificate("CN=")), "");
    EXPECT_EQ(name(Identity::dns, certificate("CN=x", {"DNS:a", "DNS:b"})), "");
    EXPECT_EQ(name(Identity::dns, certificate("CN=x", {"URI:DNS:a"})), "");
    EXPECT_EQ(judged(Identity::common_name, certificate("not a name")).outcome, Outcome::deny);
}

TEST_F(MutualTlsTest, JudgesOnlyWhereNothingElseIsShown) {
    EXPECT_EQ(judged(Identity::common_name, {}).outcome, Outcome::abstain);
    Credentials shown = certificate("CN=pump");
    shown.user = "admin";
    EXPECT_EQ(judged(Identity::common_name, shown).outcome, Outcome::deny);
    shown.user = "pump";
    EXPECT_EQ(judged(Identity::common_name, shown).outcome, Outcome::allow);
    shown.has_password = true;
    EXPECT_EQ(judged(Identity::common_name, shown).outcome, Outcome::abstain);
    shown = certificate("CN=pump");
    shown.bearer = "token";
    EXPECT_EQ(judged(Identity::common_name, shown).outcome, Outcome::abstain);
}

TEST_F(MutualTlsTest, MapsWholeSubjects) {
    MutualTls::Settings settings;
    settings.users.emplace_back(*DistinguishedName::parse("cn=pump-7, OU=plant"), "pump");
    EXPECT_EQ(judged(settings, certificate("CN=pump-7,OU=plant")).principal->name, "pump");
    for (const char* other : {"CN=pump-7", "OU=plant,CN=pump-7", "CN=pump-7,OU=plant,O=x", "CN=pump-7+OU=plant", "CN=PUMP-7,OU=plant", "CN=pump-7\\,OU=plant"})
        EXPECT_EQ(judged(settings, certificate(other)).outcome, Outcome::deny) << other;
}

TEST_F(MutualTlsTest, VouchesAsLongAsTheCertificateDoesAndForItsGroups) {
    MutualTls::Settings settings;
    settings.groups_from_units = true;
    Credentials shown = certificate("CN=pump,OU=plant,OU=b\\,c");
    shown.certificate_expires = WallTime(std::chrono::hours(1));
    const AuthenticationStep step = judged(settings, shown);
    EXPECT_EQ(step.principal->groups, (std::vector<std::string>{"plant", "b,c"}));
    EXPECT_EQ(step.principal->expires_at, shown.certificate_expires);
}

}  // namespace
}  // namespace junctor
