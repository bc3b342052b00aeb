#include "policy/authenticators/ldap/ldap.hpp"

#include "policy/authenticators/ldap/directory_text.hpp"
#include "tests/unit/policy/authenticators/plugin_fixture.hpp"

namespace junctor {
namespace {

using Outcome = AuthenticationStep::Outcome;
using Found = Directory::Answer::Outcome;

TEST(DirectoryText, EscapesWhatASearchFilterWouldUnderstand) {
    EXPECT_EQ(escape_filter("ann"), "ann");
    EXPECT_EQ(escape_filter("*"), "\\2a");
    EXPECT_EQ(escape_filter("ann)(uid=*"), "ann\\29\\28uid=\\2a");
    EXPECT_EQ(escape_filter("\\2a"), "\\5c2a");
    EXPECT_EQ(escape_filter(std::string_view("a\0b\n", 4)), "a\\00b\\0a");
    EXPECT_EQ(escape_filter("\xC3\xA4"), "\\c3\\a4");
}

TEST(DirectoryText, FillsWhatIsMarked) {
    EXPECT_EQ(fill("uid=${user},ou=${user}", "user", "ann"), "uid=ann,ou=ann");
    EXPECT_EQ(fill("${user}", "user", "${user}"), "${user}") << "what stands in a value is no mark";
    EXPECT_EQ(fill("no mark ${dn}", "user", "ann"), "no mark ${dn}");
}

class DirectoryUsersTest : public test::PluginTest {
protected:
    void open(Duration remembered = std::chrono::seconds(60)) {
        const auto check = [this](const std::string& user, const std::string& password) {
            ++asked;
            asked_for = user + "/" + password;
            return answer;
        };
        authenticator = std::make_unique<DirectoryUsers>(check, remembered, parts(), pool);
    }
    AuthenticationStep judged(const Credentials& shown) {
        steps.clear();
        const auto conversation = authenticator->begin(shown, note);
        if (steps.empty()) run_posted();
        return steps.at(0);
    }

    Directory::Answer answer{Found::right, "Ann", {"ops"}, {}};
    int asked = 0;
    std::string asked_for;
    WorkerPool pool{1, 2};
    std::unique_ptr<DirectoryUsers> authenticator;
};

TEST_F(DirectoryUsersTest, AreCalledAsTheDirectoryCallsThem) {
    open();
    const AuthenticationStep step = judged(basic("ann", "secret"));
    ASSERT_EQ(step.outcome, Outcome::allow);
    EXPECT_EQ(step.principal->name, "Ann");
    EXPECT_EQ(step.principal->groups, std::vector<std::string>{"ops"});
    EXPECT_EQ(asked_for, "ann/secret");
}

TEST_F(DirectoryUsersTest, AreKnownForAWhileAndNobodyElseIs) {
    open();
    judged(basic("ann", "secret"));
    answer = {Found::away, {}, {}, "gone"};
    const AuthenticationStep again = judged(basic("ann", "secret"));
    EXPECT_EQ(asked, 1);
    EXPECT_EQ(again.principal->name, "Ann");
    EXPECT_EQ(again.principal->groups, std::vector<std::string>{"ops"});
    EXPECT_EQ(judged(basic("ann", "wrong")).outcome, Outcome::deny);
    EXPECT_EQ(asked, 2);
    EXPECT_EQ(judged(basic("bob", "secret")).outcome, Outcome::deny);
    EXPECT_EQ(asked, 2) << "it has just been away";
    lone.clock.advance(std::chrono::seconds(1));
    EXPECT_EQ(judged(basic("bob", "secret")).outcome, Outcome::deny);
    EXPECT_EQ(asked, 3);
    lone.clock.advance(std::chrono::seconds(60));
    EXPECT_EQ(judged(basic("ann", "secret")).outcome, Outcome::deny);
}

TEST_F(DirectoryUsersTest, WhoIsWrongIsRefusedAndWhoIsUnknownMayBeSomebodyElses) {
    open();
    answer.outcome = Found::wrong;
    EXPECT_EQ(judged(basic("ann", "secret")).outcome, Outcome::deny);
    answer.outcome = Found::unknown;
    EXPECT_EQ(judged(basic("ann", "secret")).outcome, Outcome::abstain);
}

/// THREATS 10: a directory says yes to a bind without a password.
TEST_F(DirectoryUsersTest, NoPasswordIsNeverAskedFor) {
    open();
    Credentials without;
    without.user = "ann";
    for (const Credentials& shown : {basic("ann", ""), basic("", ""), without, Credentials{}}) EXPECT_NE(judged(shown).outcome, Outcome::allow);
    EXPECT_EQ(asked, 0);
    EXPECT_EQ(Directory({}).check("ann", "").outcome, Found::wrong) << "and the directory would not be asked either";
}

}  // namespace
}  // namespace junctor
