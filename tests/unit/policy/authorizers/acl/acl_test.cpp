#include "tests/unit/policy/authorizers/acl/acl_fixture.hpp"

namespace junctor {
namespace {

using test::Asker;
using test::HasSubstr;
using test::Outcome;

class AclTest : public test::AclFixture {};
class Threat2Acl : public test::AclFixture {};
class Threat3Acl : public test::AclFixture {};

TEST_F(AclTest, AbstainsWhereNoRuleIsAboutIt) {
    rules("[{allow: [publish], topics: [a]}]");
    const Asker pump("pump");
    EXPECT_EQ(ask(pump, Verb::publish, "a"), Outcome::allow);
    EXPECT_EQ(ask(pump, Verb::publish, "b"), Outcome::abstain);
    EXPECT_EQ(ask(pump, Verb::request, "a"), Outcome::abstain);
    EXPECT_EQ(ask(pump, Verb::connect), Outcome::abstain);
}

TEST_F(AclTest, ARuleIsAboutWhomItNames) {
    rules("[{allow: [connect], principals: [pump, valve], groups: [plant, lab], tenants: [acme], attributes: [role=operator, badge]}]");
    const auto asker = [] { return Asker("pump", "acme"); };
    const auto complete = [&] { return asker().in("staff").in("lab").with("role", "operator").with("badge", "7"); };
    EXPECT_EQ(ask(complete(), Verb::connect), Outcome::allow);
    EXPECT_EQ(ask(asker().in("staff").with("role", "operator").with("badge", "7"), Verb::connect), Outcome::abstain);
    EXPECT_EQ(ask(asker().in("lab").with("role", "Operator").with("badge", "7"), Verb::connect), Outcome::abstain);
    EXPECT_EQ(ask(asker().in("lab").with("role", "operator"), Verb::connect), Outcome::abstain);
    EXPECT_EQ(ask(Asker("pump2", "acme").in("lab").with("role", "operator").with("badge", ""), Verb::connect), Outcome::abstain);
    EXPECT_EQ(ask(Asker("pump", "").in("lab").with("role", "operator").with("badge", ""), Verb::connect), Outcome::abstain);
}

// Threat class 3: an allow and a deny that overlap.
TEST_F(Threat3Acl, DenyWinsWhereverItStands) {
    rules("[{name: all, allow: [all]}, {name: secret, deny: [subscribe, publish], topics: [plant/secret/#]}, {allow: [all], topics: [plant/#]}]");
    const Asker pump("pump");
    EXPECT_EQ(verdict(pump, Verb::publish, "plant/secret/a").rule, "secret");
    EXPECT_EQ(ask(pump, Verb::publish, "plant/secret"), Outcome::deny);
    EXPECT_EQ(ask(pump, Verb::publish, "plant/secrets"), Outcome::allow);
    EXPECT_EQ(ask(pump, Verb::subscribe, "plant/secret/+"), Outcome::deny) << "all of it is denied";
    EXPECT_EQ(ask(pump, Verb::subscribe, "plant/#"), Outcome::allow) << "part of it is: that is kept back at delivery";
    EXPECT_EQ(ask(pump, Verb::receive, "plant/secret/a"), Outcome::deny);
    EXPECT_EQ(ask(pump, Verb::receive, "plant/a"), Outcome::allow);
    EXPECT_EQ(verdict(pump, Verb::connect, "").rule, "all");
}

TEST_F(AclTest, OneRuleMustCoverTheWholeFilter) {
    rules("[{allow: [subscribe], topics: [a/+, b/#, +/x]}]");
    const Asker pump("pump");
    for (const char* filter : {"a/+", "a/b", "b", "b/#", "b/+/c/#", "+/x", "c/x"}) EXPECT_EQ(ask(pump, Verb::subscribe, filter), Outcome::allow) << filter;
    for (const char* filter : {"a/#", "#", "+", "+/+", "a", "a/+/c", "+/#", "$SYS/x", "$a/x", "c"})
        EXPECT_EQ(ask(pump, Verb::subscribe, filter), Outcome::abstain) << filter;
}

TEST_F(AclTest, WildcardsDoNotReachTheGatewaysOwnTopics) {
    rules("[{allow: [all]}, {allow: [all], topics: [\"#\", +/broker/#]}]");
    const Asker pump("pump");
    EXPECT_EQ(ask(pump, Verb::subscribe, "#"), Outcome::allow);
    for (const char* topic : {"$SYS/broker/uptime", "$to/other", "$SYS"}) {
        EXPECT_EQ(ask(pump, Verb::publish, topic), Outcome::abstain) << topic;
        EXPECT_EQ(ask(pump, Verb::presence, topic), Outcome::abstain) << topic;
        EXPECT_EQ(ask(pump, Verb::subscribe, topic), Outcome::abstain) << topic;
    }
    rules("[{allow: [presence, subscribe], topics: [\"$SYS/sessions/#\"]}, {deny: [publish]}]");
    EXPECT_EQ(ask(pump, Verb::presence, "$SYS/sessions/mqtt/a/connected"), Outcome::allow);
    EXPECT_EQ(ask(pump, Verb::subscribe, "$SYS/#"), Outcome::abstain);
    EXPECT_EQ(ask(pump, Verb::publish, "$to/other"), Outcome::deny) << "what is denied everywhere is denied there";
}

TEST_F(AclTest, VariablesStandForWhoAsks) {
    rules("[{allow: [publish], topics: [\"u/${user}/#\", \"t/${tenant}\", \"c/dev-${client_id}-x/+\", \"d/${claim.dept}\"]}]");
    const Asker pump = Asker("pump", "acme", "c1").with("dept", "north");
    for (const char* topic : {"u/pump", "u/pump/a/b", "t/acme", "c/dev-c1-x/a", "d/north"}) EXPECT_EQ(ask(pump, Verb::publish, topic), Outcome::allow) << topic;
    for (const char* topic : {"u/pumps", "u/pum", "u", "t/acme/a", "c/dev-c1x/a", "c/dev--x/a", "c/dev-c1-c1-x/a", "d/south", "d/", "d/${claim.dept}"})
        EXPECT_EQ(ask(pump, Verb::publish, topic), Outcome::abstain) << topic;
    const Asker nobody("pump");
    for (const char* topic : {"t/", "t/acme", "c/dev--x/a", "d/", "d/north"}) EXPECT_EQ(ask(nobody, Verb::publish, topic), Outcome::abstain) << topic;
}

// Threat class 2: an identity is text, whatever letters are in it.
TEST_F(Threat2Acl, AnIdentityNeverBecomesAWildcardOrALevel) {
    rules("[{allow: [all], topics: [\"u/${user}\", \"u/${user}/#\", \"c/${client_id}\", \"d/x${claim.d}\"]}]");
    for (const std::string bad : {"+", "#", "a/b", "/", "+/a", "a/#", "", "u/+", "a+", "#b"}) {
        const Asker asker = Asker(bad, "", bad).with("d", bad);
        const std::vector<std::string> topics = {"u/a", "u/+", "u/#", "u/a/b", "u/", "u//", "u/+/#", "u/+/a", "u/a/#", "c/a", "c/+", "c/#", "c/a/b", "d/x", "d/xa", "d/x+",
                                        "d/x#", "d/xa/b", "#", "+/+", "u/" + bad, "c/" + bad, "d/x" + bad};
        for (const std::string& topic : topics)
            for (const Verb verb : {Verb::publish, Verb::subscribe, Verb::receive})
                EXPECT_EQ(ask(asker, verb, topic), Outcome::abstain) << "'" << bad << "' " << topic;
    }
    // These are letters like others.
    for (const std::string good : {"*", ">", "a.b", "%2F", "$SYS", "${user}", "a b", "ä"}) {
        EXPECT_EQ(ask(Asker(good), Verb::publish, "u/" + good), Outcome::allow) << good;
        EXPECT_EQ(ask(Asker(good), Verb::publish, "u/a"), Outcome::abstain) << good;
        EXPECT_EQ(ask(Asker(good), Verb::subscribe, "u/+"), Outcome::abstain) << good;
    }
    rules("[{allow: [all], topics: [\"${user}/#\"]}]");
    EXPECT_EQ(ask(Asker("$SYS"), Verb::presence, "$SYS/sessions"), Outcome::abstain) << "nor the gateway's own topics";
}

TEST_F(AclTest, ARuleIsNamedByItselfOrItsPlace) {
    rules("[{name: pumps, allow: [publish], topics: [a]},\n  {allow: [publish], topics: [b]}]");
    EXPECT_EQ(verdict(Asker("pump"), Verb::publish, "a").rule, "pumps");
    EXPECT_EQ(verdict(Asker("pump"), Verb::publish, "b").rule, "acl.yaml:2");
    EXPECT_FALSE(verdict(Asker("pump"), Verb::publish, "b").reason.empty());
}

TEST_F(AclTest, RulesThatNamePrincipalsKeepTheirPlaceAmongTheOthers) {
    rules("[{name: one, allow: [publish], principals: [pump]}, {name: two, allow: [publish]}, {name: three, allow: [publish], principals: [valve]}]");
    EXPECT_EQ(verdict(Asker("pump"), Verb::publish, "a").rule, "one");
    EXPECT_EQ(verdict(Asker("valve"), Verb::publish, "a").rule, "two");
}

TEST_F(AclTest, EveryMistakeIsToldWithItsPlace) {
    EXPECT_THAT(error("rules: [{topics: [a]}]"), HasSubstr("acl.yaml:1:9: a rule has either 'allow: [...]' or 'deny: [...]'"));
    EXPECT_THAT(error("rules: [{allow: [publish], deny: [publish]}]"), HasSubstr("either"));
    EXPECT_THAT(error("rules: [{allow: [pubish]}]"), HasSubstr("'pubish' is no verb; did you mean 'publish'?"));
    EXPECT_THAT(error("rules: [{allow: []}]"), HasSubstr("names no verb"));
    EXPECT_THAT(error("rules: [{allow: [publish], topics: []}]"), HasSubstr("'topics' names none"));
    EXPECT_THAT(error("rules: [{allow: [connect], topics: [a]}]"), HasSubstr("'connect' is about no topic"));
    EXPECT_THAT(error("rules: [{allow: [publish], topics: [\"${usr}/a\"]}]"), HasSubstr("did you mean 'user'?"));
    EXPECT_THAT(error("rules: [{allow: [publish], topics: [\"${user\"]}]"), HasSubstr("without its '}'"));
    EXPECT_THAT(error("rules: [{allow: [publish], topics: [\"${user}-${client_id}\"]}]"), HasSubstr("two variables in one level"));
    for (const char* topic : {"a/#/b", "a+", "$share/g/a", "a/b#"})
        EXPECT_THAT(error("rules: [{allow: [publish], topics: [\"" + std::string(topic) + "\"]}]"), HasSubstr("topic filter")) << topic;
    EXPECT_THAT(error("rules: [{allow: [publish], topics: ['']}]"), HasSubstr("topic filter"));
    EXPECT_THAT(error("rules: [{allow: [publish], attributes: [\"=a\"]}]"), HasSubstr("'name=value'"));
    EXPECT_THAT(error("rules: [{allow: [publish], princpals: [a]}]"), HasSubstr("did you mean 'principals'?"));
    EXPECT_THAT(error("{}"), HasSubstr("'rules: [...]', or a 'file'"));
    EXPECT_EQ(error("rules: []"), "");
}

}  // namespace
}  // namespace junctor
