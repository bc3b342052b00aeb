#include "policy/tokens/claim_rules.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "policy/jose/strict_json.hpp"
#include "policy/tokens/claims.hpp"
#include "policy/tokens/token_errc.hpp"
#include "tests/support/fake_clock.hpp"

namespace junctor {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

class ClaimRulesTest : public ::testing::Test {
protected:
    ClaimRulesTest() {
        rules.issuer = "https://issuer.example";
        rules.audiences = {"junctor", "https://gateway.example"};
        rules.types = {"", "jwt", "at+jwt"};
    }

    std::int64_t at(std::chrono::seconds from_now) const {
        return std::chrono::duration_cast<std::chrono::seconds>(clock.wall().time_since_epoch() + from_now).count();
    }
    json claims() const { return {{"iss", "https://issuer.example"}, {"aud", "junctor"}, {"sub", "alice"}, {"exp", at(300s)}}; }
    json with(const char* name, json value) const {
        json all = claims();
        all[name] = std::move(value);
        return all;
    }
    json without(const char* name) const {
        json all = claims();
        all.erase(name);
        return all;
    }
    ErrorCode fault(const json& all, std::string_view type = "at+jwt") const {
        const Result<void> checked = rules.check(all, type, clock.wall());
        return checked ? ErrorCode(TokenErrc::ok) : checked.error();
    }

    test::FakeClock clock;
    ClaimRules rules;
};

TEST_F(ClaimRulesTest, TakeWhatIsMeant) {
    EXPECT_EQ(fault(claims()), TokenErrc::ok);
    EXPECT_EQ(fault(with("aud", {"other", "https://gateway.example"})), TokenErrc::ok);
}

TEST_F(ClaimRulesTest, IssuerIsExactlyTheOne) {
    EXPECT_EQ(fault(without("iss")), TokenErrc::wrong_issuer);
    for (const json& issuer : {json("https://issuer.example/"), json("https://ISSUER.example"), json(""), json(nullptr), json{"https://issuer.example"}})
        EXPECT_EQ(fault(with("iss", issuer)), TokenErrc::wrong_issuer) << issuer;
}

TEST_F(ClaimRulesTest, AudienceIsOneOfOurs) {
    EXPECT_EQ(fault(without("aud")), TokenErrc::wrong_audience);
    for (const json& audience : {json("other"), json("junctor other"), json(""), json(nullptr), json::array(), json{"junctor", 7}, json(7), json{{"junctor", true}}})
        EXPECT_EQ(fault(with("aud", audience)), TokenErrc::wrong_audience) << audience;
    rules.audiences.clear();
    EXPECT_EQ(fault(without("aud")), TokenErrc::ok) << "not asked for";
}

TEST_F(ClaimRulesTest, TimesAreWholeSeconds) {
    for (const char* name : {"exp", "nbf", "iat"})
        for (const json& time : {json("1700000300"), json(1700000300.5), json(1.7e9), json(-1), json(nullptr), json(json::array()), json(true),
                                 json(std::numeric_limits<std::uint64_t>::max()), json(253'402'300'800)})
            EXPECT_EQ(fault(with(name, time)), TokenErrc::bad_claim) << name << " " << time;
    EXPECT_FALSE(jose::parse_strict_object(R"({"exp":1e400})", jose::token_json)) << "it does not even get here";
}

TEST_F(ClaimRulesTest, TimesCountWithinTheSkew) {
    rules.clock_skew = 30s;
    EXPECT_EQ(fault(with("exp", at(-29s))), TokenErrc::ok);
    EXPECT_EQ(fault(with("exp", at(-30s))), TokenErrc::expired);
    EXPECT_EQ(fault(with("exp", 0)), TokenErrc::expired);
    EXPECT_EQ(fault(with("nbf", at(30s))), TokenErrc::ok);
    EXPECT_EQ(fault(with("nbf", at(31s))), TokenErrc::not_yet_valid);
    EXPECT_EQ(fault(with("iat", at(31s))), TokenErrc::not_yet_valid);
    clock.advance(330s);
    EXPECT_EQ(fault({{"iss", rules.issuer}, {"aud", "junctor"}, {"exp", at(-30s)}}), TokenErrc::expired);
}

TEST_F(ClaimRulesTest, FarTimesStayWithinADuration) {
    EXPECT_EQ(fault(with("exp", 253'402'300'799)), TokenErrc::ok);
    const WallTime end = **claim_time(with("exp", 253'402'300'799), "exp");
    EXPECT_GT(end, clock.wall() + 24h * 365 * 100);
    EXPECT_GT(Duration(end - WallTime()), Duration::zero());
}

TEST_F(ClaimRulesTest, ExpiryMayBeMissingOnlyWhereThatIsSaid) {
    EXPECT_EQ(fault(without("exp")), TokenErrc::missing_claim);
    rules.must_expire = false;
    EXPECT_EQ(fault(without("exp")), TokenErrc::ok);
    EXPECT_EQ(fault(with("exp", at(-100s))), TokenErrc::expired);
}

TEST_F(ClaimRulesTest, TokensForSomethingElseDoNotCount) {
    EXPECT_EQ(fault(claims(), "logout+jwt"), TokenErrc::wrong_type);
    EXPECT_EQ(fault(claims(), "dpop+jwt"), TokenErrc::wrong_type);
    for (const char* mark : {"at_hash", "c_hash", "s_hash", "events"}) EXPECT_EQ(fault(with(mark, "x")), TokenErrc::wrong_type) << mark;
    EXPECT_EQ(fault(with("typ", "ID")), TokenErrc::wrong_type);
    EXPECT_EQ(fault(with("typ", "Bearer")), TokenErrc::ok);
    rules.types = {"at+jwt"};
    EXPECT_EQ(fault(claims(), ""), TokenErrc::wrong_type);
    EXPECT_EQ(fault(claims(), "jwt"), TokenErrc::wrong_type);
}

TEST_F(ClaimRulesTest, RequiredClaimsSayWhatTheyMust) {
    rules.required = {{"scope", "mqtt"}, {"email_verified", "true"}, {"device.model", ""}};
    json all = claims();
    all.update(json{{"scope", "openid mqtt"}, {"email_verified", true}, {"device", {{"model", 7}}}});
    EXPECT_EQ(fault(all), TokenErrc::ok);
    for (const auto& [name, value] : {std::pair<const char*, json>{"scope", "openid mqtt2"}, {"scope", nullptr}, {"email_verified", false}, {"device", {{"other", 7}}}}) {
        json wrong = all;
        wrong[name] = value;
        EXPECT_EQ(fault(wrong), TokenErrc::missing_claim) << wrong;
    }
}

class ClaimMappingTest : public ::testing::Test {
protected:
    Result<Ref<Principal>> map(const json& claims) {
        return mapping.principal(claims, [](std::string name, std::string_view tenant) -> Ref<Principal> {
            if (tenant == "unknown") return nullptr;
            Ref<Principal> made(new Principal(TenantId{tenant.empty() ? 0U : 1U}, std::move(name)));
            made->tenant_name = tenant;
            return made;
        });
    }
    ErrorCode fault(const json& claims) {
        const Result<Ref<Principal>> mapped = map(claims);
        return mapped ? ErrorCode(TokenErrc::ok) : mapped.error();
    }

    ClaimMapping mapping;
};

TEST_F(ClaimMappingTest, MakesAPrincipal) {
    mapping.name = "preferred_username";
    mapping.tenant = "org";
    mapping.groups = "realm_access.roles";
    mapping.attributes = {"email", "level", "scope", "https://example.com/site", "absent"};
    const auto mapped = map({{"preferred_username", "alice"}, {"org", "acme"}, {"realm_access", {{"roles", {"admin", "user"}}}}, {"email", "a@example.com"},
                             {"level", 3}, {"scope", "a b"}, {"https://example.com/site", "north"}});
    ASSERT_TRUE(mapped);
    const Principal& principal = **mapped;
    EXPECT_EQ(principal.name, "alice");
    EXPECT_EQ(principal.tenant, TenantId{1});
    EXPECT_EQ(principal.groups, (std::vector<std::string>{"admin", "user"}));
    EXPECT_EQ(principal.attributes.size(), 4u);
    EXPECT_EQ(principal.attributes.find("level")->second, "3");
    EXPECT_EQ(principal.attributes.find("https://example.com/site")->second, "north");
}

TEST_F(ClaimMappingTest, NamesSomebodyOfOneLine) {
    for (const json& name : {json(""), json(7), json(nullptr), json("a\nb"), json(std::string("a\0b", 3)), json(std::string(257, 'a')), json{"a"}})
        EXPECT_EQ(fault({{"sub", name}}), TokenErrc::no_principal) << name;
    EXPECT_EQ(fault(json::object()), TokenErrc::no_principal);
    EXPECT_EQ(fault({{"sub", "+/#"}}), TokenErrc::ok) << "the rules take it literally";
}

TEST_F(ClaimMappingTest, TenantIsKnownAndNeverAssumed) {
    mapping.tenant = "org";
    EXPECT_EQ(fault({{"sub", "a"}, {"org", "unknown"}}), TokenErrc::unknown_tenant);
    EXPECT_EQ(fault({{"sub", "a"}}), TokenErrc::unknown_tenant);
    EXPECT_EQ(fault({{"sub", "a"}, {"org", ""}}), TokenErrc::unknown_tenant);
}

TEST_F(ClaimMappingTest, GroupsAreABoundedListOfNames) {
    mapping.groups = "groups";
    EXPECT_EQ(fault({{"sub", "a"}}), TokenErrc::ok);
    EXPECT_EQ(fault({{"sub", "a"}, {"groups", "one two"}}), TokenErrc::ok);
    for (const json& groups : {json(7), json{"a", 7}, json(std::vector<std::string>(257, "g")), json{"a\n"}, json{""}})
        EXPECT_EQ(fault({{"sub", "a"}, {"groups", groups}}), TokenErrc::bad_claim) << groups;
}

}  // namespace
}  // namespace junctor
