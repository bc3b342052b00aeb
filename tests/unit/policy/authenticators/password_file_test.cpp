#include "policy/authenticators/password_file.hpp"

#include "policy/policy.hpp"
#include "tests/unit/policy/authenticators/plugin_fixture.hpp"

#include <future>

namespace junctor {
namespace {

using Outcome = AuthenticationStep::Outcome;

class PasswordFileTest : public test::PluginTest {
protected:
    void open(Duration remembered = std::chrono::seconds(60)) { authenticator = std::make_shared<PasswordFile>(users(), remembered, parts(), pool); }

    AuthenticationStep judged(const Credentials& shown) {
        steps.clear();
        const auto conversation = authenticator->begin(shown, note);
        if (steps.empty()) run_posted();
        EXPECT_EQ(steps.size(), 1u);
        return steps.empty() ? AuthenticationStep(Outcome::deny) : steps.front();
    }
    bool hashes(const Credentials& shown) {
        steps.clear();
        const auto conversation = authenticator->begin(shown, note);
        const bool later = steps.empty();
        if (later) run_posted();
        return later;
    }

    WorkerPool pool{1, 2};
    std::shared_ptr<PasswordFile> authenticator;
};

TEST_F(PasswordFileTest, KnowsItsUsers) {
    add_user("ann", "secret", {"ops", "dev"});
    open();
    const AuthenticationStep step = judged(basic("ann", "secret"));
    ASSERT_EQ(step.outcome, Outcome::allow);
    EXPECT_EQ(step.principal->name, "ann");
    EXPECT_EQ(step.principal->groups, (std::vector<std::string>{"ops", "dev"}));
    EXPECT_FALSE(step.principal->expires_at);
    EXPECT_EQ(judged(basic("ann", "secreT")).outcome, Outcome::deny);
    EXPECT_EQ(judged(basic("Ann", "secret")).outcome, Outcome::abstain) << "somebody else may know it";
}

TEST_F(PasswordFileTest, DisownsWhoIsInTheFileNoMoreOrInOtherGroups) {
    add_user("ann", "secret", {"ops"});
    add_user("bob", "secret", {"ops"});
    open();
    const PrincipalRef ann = judged(basic("ann", "secret")).principal, bob = judged(basic("bob", "secret")).principal;
    Policy policy;
    policy.chains["mqtt"].push_back(authenticator);
    EXPECT_FALSE(policy.disowns(*ann));
    PasswordEdit removal;
    removal.user = "ann";
    removal.remove = true;
    edit_password_file(users(), removal);
    open();
    policy.chains["mqtt"] = {authenticator};
    EXPECT_TRUE(policy.disowns(*ann));
    EXPECT_FALSE(policy.disowns(*bob));
    PasswordEdit regroup;
    regroup.user = "bob";
    regroup.groups.emplace();
    edit_password_file(users(), regroup);
    open();
    policy.chains["mqtt"] = {authenticator};
    EXPECT_TRUE(policy.disowns(*bob)) << "its rights would be old ones";
    EXPECT_FALSE(policy.disowns(*Ref<Principal>(new Principal({}, "ann")))) << "somebody else vouched for that one";
}

TEST_F(PasswordFileTest, DisownsWhoShowedASecretThatIsAnotherOneNow) {
    const std::string key(40, 'k'), other_key(40, 'o');
    const auto write = [&](const ScryptHash& password, const std::string& curve) {
        std::ofstream(users()) << "ann " << password.text() << " curve=" << curve << "\n";
        open();
    };
    add_user("ann", "old");
    open();
    const PrincipalRef by_password = judged(basic("ann", "old")).principal;
    const ScryptHash old = *PasswordSource(users(), {}).now()->table.find("ann")->password;
    write(old, key);
    Credentials shown;
    shown.public_key = key;
    const PrincipalRef by_key = judged(shown).principal;
    write(old, other_key);
    EXPECT_FALSE(authenticator->disowns(*by_password)) << "that one is as it was";
    EXPECT_TRUE(authenticator->disowns(*by_key));
    write(ScryptHash::decoy({10, 8, 1}), key);
    EXPECT_TRUE(authenticator->disowns(*by_password));
    EXPECT_FALSE(authenticator->disowns(*by_key));
    EXPECT_EQ(by_password->shown.find(old.text()), std::string::npos) << "a mark of it, not the hash";
}

/// THREATS 10.
TEST_F(PasswordFileTest, LetsNobodyInWithoutAPassword) {
    add_user("ann", "secret");
    open();
    EXPECT_EQ(judged(basic("ann", "")).outcome, Outcome::deny);
    EXPECT_EQ(judged(basic("nobody", "")).outcome, Outcome::deny);
    Credentials user_only;
    user_only.user = "ann";
    EXPECT_EQ(judged(user_only).outcome, Outcome::deny);
    EXPECT_EQ(judged({}).outcome, Outcome::abstain);
    EXPECT_EQ(judged(basic("", "secret")).outcome, Outcome::abstain);
    user_only.certificate_subject = "CN=ann";
    EXPECT_EQ(judged(user_only).outcome, Outcome::abstain) << "the certificate may say who it is";
    Credentials with_method = basic("ann", "secret");
    with_method.method = "unknown";
    EXPECT_EQ(judged(with_method).outcome, Outcome::abstain) << "it is asked for something else";
    EXPECT_EQ(judged(basic("ann", std::string("secret\0", 7))).outcome, Outcome::deny);
}

TEST_F(PasswordFileTest, HashesForUsersThatAreNotThereToo) {
    add_user("ann", "secret");
    open();
    EXPECT_TRUE(hashes(basic("nobody", "secret"))) << "else time tells who is there";
    EXPECT_TRUE(hashes(basic("ann", "wrong")));
}

TEST_F(PasswordFileTest, RemembersWhatWasRightForAWhile) {
    add_user("ann", "secret");
    open();
    EXPECT_TRUE(hashes(basic("ann", "secret")));
    EXPECT_FALSE(hashes(basic("ann", "secret")));
    EXPECT_EQ(steps.at(0).outcome, Outcome::allow);
    EXPECT_TRUE(hashes(basic("ann", "wrong")));
    lone.clock.advance(std::chrono::seconds(60));
    EXPECT_TRUE(hashes(basic("ann", "secret")));
}

TEST_F(PasswordFileTest, NobodyHearsOfWhatIsNoLongerAwaited) {
    add_user("ann", "secret");
    open();
    authenticator->begin(basic("ann", "secret"), note).reset();
    run_posted();
    EXPECT_TRUE(steps.empty());
    auto conversation = authenticator->begin(basic("ann", "secret"), note);
    conversation.reset();
    authenticator.reset();  // its worker may still be at it
    EXPECT_TRUE(steps.empty());
}

TEST_F(PasswordFileTest, RefusesWhenTooManyWait) {
    add_user("ann", "secret");
    open();
    std::promise<void> started, go_on;
    pool.submit([&] {
        started.set_value();
        go_on.get_future().wait();
    });
    started.get_future().wait();
    std::vector<std::unique_ptr<Authentication>> waiting;
    for (int at = 0; at < 3; ++at) waiting.push_back(authenticator->begin(basic("ann", "secret"), note));
    ASSERT_EQ(steps.size(), 1u);
    EXPECT_EQ(steps[0].outcome, Outcome::deny);
    go_on.set_value();
    run_posted();
    run_posted();
    EXPECT_EQ(steps.size(), 3u);
}

TEST_F(PasswordFileTest, KnowsUsersByTheirCurveKey) {
    add_user("ann", "secret");
    PasswordEdit edit;
    edit.user = "pump";
    edit.curve_key = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7";
    edit.groups = {"plant"};
    edit_password_file(users(), edit);
    open();
    Credentials shown;
    shown.public_key = *edit.curve_key;
    const AuthenticationStep step = judged(shown);
    ASSERT_EQ(step.outcome, Outcome::allow);
    EXPECT_EQ(step.principal->name, "pump");
    EXPECT_EQ(step.principal->groups, std::vector<std::string>{"plant"});
    shown.public_key = "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6";
    EXPECT_EQ(judged(shown).outcome, Outcome::abstain);
    EXPECT_EQ(judged(basic("pump", "secret")).outcome, Outcome::deny) << "it has no password";
}

TEST_F(PasswordFileTest, BelongsToATenant) {
    add_user("ann", "secret");
    PolicyParts own = parts();
    own.tenants->declare("acme");
    own.tenant = "acme";
    authenticator = std::make_shared<PasswordFile>(users(), Duration::zero(), own, pool);
    EXPECT_EQ(judged(basic("ann", "secret")).principal->tenant, Tenants::id_of("acme"));
}

}  // namespace
}  // namespace junctor
