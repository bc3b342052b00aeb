#include "gateway/bridges.hpp"

#include <gmock/gmock.h>

#include "gateway/setup_problems.hpp"
#include "tests/unit/gateway/application_fixture.hpp"

namespace junctor {
namespace {

using test::configuration;
using ::testing::HasSubstr;

std::string problem(const std::string& rules, const std::string& url = "mqtt://127.0.0.1:1") {
    try {
        const Configuration wanted = configuration("bridges: [{name: cloud, type: mqtt, url: \"" + url + "\", " + rules + "}]");
        SetupProblems problems(wanted.source);
        Bridges(wanted, connector_descriptors(), problems);
        problems.throw_any();
    } catch (const config::ConfigError& error) {
        return error.lines().at(0);
    }
    return "none";
}

TEST(Bridges, TakeRulesThatRename) {
    EXPECT_EQ(problem("out: [{filter: \"up/#\", strip: up/, add: plants/1/, qos: 0}], in: [{filter: \"down/#\"}]"), "none");
}

TEST(Bridges, MustCarrySomething) { EXPECT_THAT(problem("out: []"), HasSubstr("carries nothing")); }

TEST(Bridges, RefuseWhatIsNoFilterOrNoTopic) {
    EXPECT_THAT(problem("out: [{filter: \"a/#/b\"}]"), HasSubstr("no filter that a bridge can carry: a/#/b"));
    EXPECT_THAT(problem("out: [{filter: \"$SYS/#\"}]"), HasSubstr("no filter that a bridge can carry"));
    EXPECT_THAT(problem("out: [{filter: \"$share/g/a\"}]"), HasSubstr("no filter that a bridge can carry"));
    EXPECT_THAT(problem("out: [{filter: a, add: \"$to/\"}]"), HasSubstr("not the beginning of a topic"));
    EXPECT_THAT(problem("out: [{filter: a, add: \"b/+/\"}]"), HasSubstr("not the beginning of a topic"));
    EXPECT_THAT(problem("out: [{filter: a}], peer: \"my peer\""), HasSubstr("a name has up to 64 letters"));
}

TEST(Bridges, RefuseARuleThatCanCarryNothing) {
    EXPECT_THAT(problem("out: [{filter: \"x/#\", strip: y/}]"), HasSubstr("no topic of 'x/#' begins with 'y/': nothing would be carried"));
}

TEST(Bridges, TakeNoSecretInAUrlAndDoNotRepeatIt) {
    const std::string said = problem("out: [{filter: a}]", "mqtt://ann:pencil@127.0.0.1:1");
    EXPECT_THAT(said, HasSubstr("a URL holds no user and no password: write mqtt://host:port, and 'user' and 'password' beside it"));
    EXPECT_THAT(said, ::testing::Not(HasSubstr("pencil")));
}

/// Threat class 36, found before it happens.
TEST(Bridges, RefuseRulesBetweenWhichMessagesWouldGoRound) {
    const std::string both = "out: [{filter: \"a/#\"}], in: [{filter: \"+/b\"}]";
    EXPECT_EQ(problem(both), "none");
    EXPECT_THAT(problem("version: 3.1.1, " + both), HasSubstr("it would go round"));
    EXPECT_EQ(problem("version: 3.1.1, out: [{filter: \"a/#\"}], in: [{filter: \"b/#\"}]"), "none");
}

TEST(Bridges, HaveNamesOfTheirOwn) {
    const std::string one = "{name: cloud, type: mqtt, url: \"mqtt://127.0.0.1:1\", out: [{filter: a}]}";
    EXPECT_THROW(configuration("bridges: [" + one + ", " + one + "]"), config::ConfigError);
}

}  // namespace
}  // namespace junctor
