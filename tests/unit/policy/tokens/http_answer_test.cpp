#include "policy/tokens/http_answer.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "policy/tokens/token_errc.hpp"
#include "tests/support/fake_clock.hpp"

namespace junctor {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

class HttpAnswerTest : public ::testing::Test {
protected:
    CredentialAnswer read(unsigned status, const std::string& body) {
        OutboundAnswer came;
        came.response.status = status;
        append(came.response.body, std::string_view(body));
        return read_callout(came, "shown", 1min, clock.wall(), [](std::string name, std::string_view tenant) -> Ref<Principal> {
            if (tenant == "unknown") return nullptr;
            return Ref<Principal>(new Principal(TenantId{}, std::move(name)));
        });
    }
    std::int64_t in(std::chrono::seconds time) const {
        return std::chrono::duration_cast<std::chrono::seconds>(clock.wall().time_since_epoch() + time).count();
    }

    test::FakeClock clock;
};

TEST_F(HttpAnswerTest, SaysWhoItIs) {
    const CredentialAnswer answer = read(200, json{{"result", "allow"}, {"name", "alice"}, {"groups", {"a", "b"}}, {"attributes", {{"site", "north"}, {"level", 3}}}, {"expires_at", in(30s)}}.dump());
    ASSERT_TRUE(answer.principal);
    EXPECT_EQ(answer.principal->name, "alice");
    EXPECT_EQ(answer.principal->groups, (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(answer.principal->attributes.find("level")->second, "3");
    EXPECT_EQ(answer.principal->expires_at, clock.wall() + 30s);
    EXPECT_EQ(answer.keep, 30s) << "no longer than it holds";
    EXPECT_EQ(read(200, R"({"result":"allow"})").principal->name, "shown");
    EXPECT_EQ(read(200, R"({"result":"allow"})").keep, 1min);
}

TEST_F(HttpAnswerTest, LeavesItToOthersOrDenies) {
    EXPECT_TRUE(read(200, R"({"result":"abstain"})").abstains);
    for (const auto& [status, body] : std::vector<std::pair<unsigned, std::string>>{{200, R"({"result":"deny"})"}, {401, ""}, {403, R"({"result":"allow"})"}}) {
        const CredentialAnswer answer = read(status, body);
        EXPECT_FALSE(answer.principal || answer.abstains);
        EXPECT_EQ(answer.why, TokenErrc::inactive);
    }
}

TEST_F(HttpAnswerTest, IsClosedForAnythingElse) {
    const auto unavailable = std::vector<std::pair<unsigned, std::string>>{{200, ""}, {200, "true"}, {200, "{}"}, {200, R"({"result":true})"}, {200, R"({"result":"Allow"})"},
                                                                          {200, R"({"result":"deny","result":"allow"})"}, {204, ""}, {302, R"({"result":"allow"})"}, {500, R"({"result":"allow"})"}};
    for (const auto& [status, body] : unavailable) {
        const CredentialAnswer answer = read(status, body);
        EXPECT_FALSE(answer.principal || answer.abstains || answer.known()) << status << body;
        EXPECT_EQ(answer.keep, Duration::zero());
    }
    for (const char* more : {R"("name":"")", R"("name":7)", R"("tenant":"unknown")", R"("groups":7)", R"("attributes":[])", R"("attributes":{"a":{}})", R"("expires_at":"1")", R"("expires_at":1)"})
        EXPECT_FALSE(read(200, std::string(R"({"result":"allow",)") + more + "}").principal) << more;
}

TEST_F(HttpAnswerTest, TheQuestionHoldsWhatWasShown) {
    Credentials shown;
    shown.connector = "mqtt";
    shown.peer = "192.0.2.7:50000";
    shown.client_id = "c";
    shown.user = "a\"b";
    shown.has_password = true;
    shown.password = "\xff\x01";
    shown.certificate_names = {"DNS:a", "DNS:b"};
    EXPECT_EQ(json::parse(callout_body(shown)), (json{{"connector", "mqtt"}, {"peer", "192.0.2.7:50000"}, {"client_id", "c"}, {"user", "a\"b"}, {"password_base64", "/wE="}, {"certificate_names", {"DNS:a", "DNS:b"}}}));
    EXPECT_EQ(json::parse(callout_body({})), json::object());
}

TEST_F(HttpAnswerTest, DifferentCredentialsHaveDifferentDigests) {
    Credentials shown;
    shown.peer = "192.0.2.7:50000";
    shown.user = "alice";
    const SecretDigest digest = callout_digest(shown);
    Credentials same = shown;
    same.peer = "192.0.2.7:50001";
    EXPECT_EQ(callout_digest(same), digest) << "another connection of the same";
    for (const auto member : {&Credentials::connector, &Credentials::client_id, &Credentials::user, &Credentials::password, &Credentials::bearer, &Credentials::certificate_subject}) {
        Credentials other = shown;
        (other.*member) += "x";
        EXPECT_NE(callout_digest(other), digest);
    }
    same.has_password = true;
    EXPECT_NE(callout_digest(same), digest) << "an empty password is not none";
    Credentials one = shown, two = shown;
    one.certificate_names = {"ab"};
    two.certificate_names = {"a", "b"};
    EXPECT_NE(callout_digest(one), callout_digest(two));
}

}  // namespace
}  // namespace junctor
