#include "policy/authenticators/scram.hpp"

#include "core/base/base64.hpp"
#include "tests/unit/policy/authenticators/plugin_fixture.hpp"

namespace junctor {
namespace {

using Outcome = AuthenticationStep::Outcome;

/// A client that knows a password.
struct Client {
    std::string user;
    std::string password;
    std::string bare() const { return "n=" + user + ",r=client"; }

    std::string last(std::string_view server_first) const {
        const std::string text(server_first);
        const std::size_t salt_at = text.find(",s=") + 3, end = text.find(",i=");
        ByteBuffer salt;
        EXPECT_TRUE(append_from_base64(salt, std::string_view(text).substr(salt_at, end - salt_at)));
        const ByteBuffer salted = pbkdf2(Digest::sha256, password, salt, static_cast<std::uint32_t>(std::stoul(text.substr(end + 3))));
        const ByteBuffer key = hmac(Digest::sha256, salted, as_bytes("Client Key"));
        const std::string without = "c=biws," + text.substr(0, text.find(",s="));
        ByteBuffer proof = hmac(Digest::sha256, hash(Digest::sha256, key), as_bytes(bare() + "," + text + "," + without));
        for (std::size_t at = 0; at < proof.size(); ++at) proof[at] ^= key[at];
        return without + ",p=" + to_base64(proof);
    }
};

class ScramTest : public test::PluginTest {
protected:
    ScramTest() {
        add_user("ann", "pencil", {"ops"}, true);
        add_user("bob", "pencil");
        authenticator = std::make_unique<Scram>(users(), parts(), [] { return std::string("server"); });
    }

    Credentials shown(const Client& client, std::string method = "SCRAM-SHA-256") {
        Credentials credentials;
        credentials.method = std::move(method);
        append(credentials.data, "n,," + client.bare());
        return credentials;
    }
    AuthenticationStep converse(const Client& client) {
        steps.clear();
        const auto conversation = authenticator->begin(shown(client), note);
        EXPECT_EQ(steps.at(0).outcome, Outcome::challenge) << "for whoever it is";
        conversation->next(as_bytes(client.last(as_text(steps.at(0).challenge))));
        return steps.at(1);
    }

    std::unique_ptr<Scram> authenticator;
};

TEST_F(ScramTest, LetsInWhoeverProvesToKnowThePassword) {
    const AuthenticationStep step = converse({"ann", "pencil"});
    ASSERT_EQ(step.outcome, Outcome::allow);
    EXPECT_EQ(step.principal->name, "ann");
    EXPECT_EQ(step.principal->groups, std::vector<std::string>{"ops"});
    EXPECT_TRUE(as_text(step.challenge).starts_with("v=")) << "and proves to know it, too";
}

TEST_F(ScramTest, RefusesAllOthersAlike) {
    const std::string reason = converse({"ann", "pen"}).reason;
    for (const Client& client : {Client{"ann", "pen"}, Client{"nobody", "pencil"}, Client{"bob", "pencil"}}) {
        const AuthenticationStep step = converse(client);
        EXPECT_EQ(step.outcome, Outcome::deny) << client.user;
        EXPECT_EQ(step.reason, reason) << client.user;
        EXPECT_FALSE(step.unjudged);
    }
}

TEST_F(ScramTest, AsksForAFirstMessageThatIsMissing) {
    Credentials bare;
    bare.method = "SCRAM-SHA-256";
    const Client client{"ann", "pencil"};
    const auto conversation = authenticator->begin(bare, note);
    ASSERT_EQ(steps.at(0).outcome, Outcome::challenge);
    EXPECT_TRUE(steps[0].challenge.empty());
    conversation->next(as_bytes("n,," + client.bare()));
    conversation->next(as_bytes(client.last(as_text(steps.at(1).challenge))));
    EXPECT_EQ(steps.at(2).outcome, Outcome::allow);
}

TEST_F(ScramTest, HasNothingToSayToOtherMethods) {
    for (const char* method : {"", "PLAIN", "SCRAM-SHA-1", "SCRAM-SHA-256-PLUS", "scram-sha-256"}) {
        steps.clear();
        authenticator->begin(shown({"ann", "pencil"}, method), note);
        EXPECT_EQ(steps.at(0).outcome, Outcome::abstain) << method;
    }
}

TEST_F(ScramTest, RefusesGarbage) {
    Credentials credentials;
    credentials.method = "SCRAM-SHA-256";
    append(credentials.data, "garbage");
    authenticator->begin(credentials, note);
    EXPECT_EQ(steps.at(0).outcome, Outcome::deny);
}

}  // namespace
}  // namespace junctor
