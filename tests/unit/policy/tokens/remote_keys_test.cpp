#include "policy/tokens/remote_keys.hpp"

#include <gtest/gtest.h>

#include "policy/tokens/discovery.hpp"
#include "tests/support/fake_outbound.hpp"
#include "tests/support/lent_parts.hpp"
#include "tests/support/token_mint.hpp"

namespace junctor {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using test::TokenMint;

std::string key_set(const std::string& kid) {
    static const TokenMint mint = TokenMint::ec();
    return json{{"keys", {mint.jwk(kid)}}}.dump();
}

class RemoteKeysTest : public ::testing::Test {
protected:
    RemoteKeysTest() { keys = make(); }
    ~RemoteKeysTest() override {
        keys.reset();
        lent.run_posted();
    }

    std::unique_ptr<RemoteKeys> make() {
        OutboundRequest request;
        request.url = Url::parse("https://issuer.example/keys");
        return std::make_unique<RemoteKeys>("test", terms, std::make_unique<UrlKeyFetcher>(outbound, request), lent.parts);
    }
    void start() {
        keys->start();
        lent.run_posted();
    }
    void advance(Duration by) {
        lent.lone.advance(by);
        lent.run_posted();
    }
    std::string kid() const {
        const jose::KeySetPtr now = keys->keys();
        return now ? now->keys().at(0).id() : "none";
    }
    /// A client whose token names an unknown key.
    void miss() {
        keys->renew(CoreId{0}, keys->keys(), [this] { ++heard; });
        lent.run_posted();
    }
    void answer(const std::string& set, std::vector<Header> headers = {}) {
        outbound.answer(200, set, std::move(headers));
        lent.run_posted();
    }

    test::LentParts lent{"provider"};
    test::FakeOutbound outbound;
    KeyRing::Terms terms;
    std::unique_ptr<RemoteKeys> keys;
    int heard = 0;
};

TEST_F(RemoteKeysTest, AreFetchedAtTheStartAndAgain) {
    EXPECT_EQ(outbound.waiting(), 0u) << "making them asks nobody";
    start();
    EXPECT_EQ(kid(), "none");
    ASSERT_EQ(outbound.waiting(), 1u);
    answer(key_set("1"), {{"Cache-Control", "public, max-age=600"}});
    EXPECT_EQ(kid(), "1");
    advance(10min - 1s);
    EXPECT_EQ(outbound.waiting(), 0u);
    advance(2s);
    ASSERT_EQ(outbound.waiting(), 1u);
    answer(key_set("2"));
    EXPECT_EQ(kid(), "2");
}

TEST_F(RemoteKeysTest, WhoMissesAKeyWaitsTogetherWithTheOthers) {
    start();
    answer(key_set("1"));
    advance(terms.miss_interval);
    for (int i = 0; i < 1'000; ++i) miss();
    EXPECT_EQ(heard, 0);
    EXPECT_EQ(outbound.all.size(), 2u) << "one fetch for all of them";
    answer(key_set("2"));
    EXPECT_EQ(heard, 1'000);
    for (int i = 0; i < 1'000; ++i) miss();
    EXPECT_EQ(heard, 2'000) << "not again within the interval";
    EXPECT_EQ(outbound.all.size(), 2u);
}

TEST_F(RemoteKeysTest, WhoMissesBeforeTheFirstOnesWaitsForThem) {
    start();
    miss();
    EXPECT_EQ(heard, 0);
    answer(key_set("1"));
    EXPECT_EQ(heard, 1);
    keys->renew(CoreId{0}, nullptr, [this] { ++heard; });
    lent.run_posted();
    EXPECT_EQ(heard, 2) << "there are newer ones than it had seen";
}

TEST_F(RemoteKeysTest, CountOnWhileTheProviderIsAwayUpToALimit) {
    start();
    answer(key_set("1"));
    const auto away_for = [&](Duration time) {
        for (Duration passed{}; passed < time; passed += 10min) {
            advance(10min);
            while (outbound.waiting() > 0) {
                outbound.fail();
                lent.run_posted();
            }
        }
    };
    away_for(23h);
    EXPECT_EQ(kid(), "1");
    away_for(2h);
    EXPECT_EQ(kid(), "none");
    advance(30s);
    ASSERT_EQ(outbound.waiting(), 1u) << "it goes on trying";
    answer(key_set("2"));
    EXPECT_EQ(kid(), "2");
}

TEST_F(RemoteKeysTest, StartWithoutTheProvider) {
    start();
    outbound.fail();
    miss();
    EXPECT_EQ(heard, 1) << "closed meanwhile, and nobody hangs";
    EXPECT_EQ(kid(), "none");
    advance(1s);
    answer(key_set("1"));
    EXPECT_EQ(kid(), "1");
}

TEST_F(RemoteKeysTest, AnswersThatAreNoKeysChangeNothing) {
    start();
    answer(key_set("1"));
    const std::string secret = json{{"keys", {TokenMint::secret(std::string(32, 's')).jwk("1")}}}.dump();
    for (const auto& [status, body] : std::vector<std::pair<unsigned, std::string>>{{500, key_set("2")}, {302, key_set("2")}, {404, ""}, {200, ""}, {200, "<html>"},
                                                                                    {200, R"({"keys":[]})"}, {200, secret}, {200, std::string(300'000, ' ')}}) {
        advance(2h);
        ASSERT_EQ(outbound.waiting(), 1u);
        outbound.answer(status, body);
        lent.run_posted();
        EXPECT_EQ(kid(), "1") << status << " " << body.substr(0, 40);
    }
}

TEST_F(RemoteKeysTest, ASuccessorInheritsThem) {
    start();
    answer(key_set("1"));
    const std::unique_ptr<RemoteKeys> old = std::exchange(keys, make());
    EXPECT_EQ(kid(), "none");
    start();
    EXPECT_EQ(kid(), "1") << "before it has fetched any";
    EXPECT_EQ(outbound.waiting(), 1u);
    outbound.fail();
    EXPECT_EQ(kid(), "1");
}

TEST_F(RemoteKeysTest, GoingAwayGivesUpTheFetch) {
    start();
    miss();
    keys.reset();
    EXPECT_EQ(outbound.waiting(), 1u) << "that is the first core's to do";
    lent.run_posted();
    EXPECT_EQ(outbound.waiting(), 0u);
    EXPECT_EQ(heard, 0);
}

class DiscoveryTest : public ::testing::Test {
protected:
    void fetch() {
        OutboundRequest request;
        request.url = Url::parse(DiscoveringKeyFetcher::metadata_url(issuer));
        request.configured = true;
        fetcher.emplace(outbound, request, issuer);
        under_way = fetcher->fetch(CoreId{0}, [this](FetchedKeys came) { fetched = std::move(came); });
    }

    std::string issuer = "https://issuer.example/tenant";
    test::FakeOutbound outbound;
    std::optional<DiscoveringKeyFetcher> fetcher;
    std::unique_ptr<KeyFetch> under_way;
    std::optional<FetchedKeys> fetched;
};

TEST_F(DiscoveryTest, FindsTheKeysByTheMetadata) {
    fetch();
    EXPECT_EQ(outbound.last().url.path, "/tenant/.well-known/openid-configuration");
    outbound.answer(200, json{{"issuer", issuer}, {"jwks_uri", "https://keys.example:8443/set"}}.dump());
    EXPECT_EQ(outbound.last().url.origin(), "https://keys.example:8443");
    EXPECT_FALSE(outbound.last().configured) << "a document named it, not the configuration";
    outbound.answer(200, key_set("1"), {{"cache-control", "no-cache, MAX-AGE=60"}});
    ASSERT_TRUE(fetched && fetched->keys);
    EXPECT_EQ(fetched->max_age, 60s);
}

TEST_F(DiscoveryTest, TakesNoMetadataOfAnotherIssuer) {
    for (const json& metadata : {json{{"issuer", "https://other.example"}, {"jwks_uri", "https://keys.example"}}, json{{"jwks_uri", "https://keys.example"}},
                                 json{{"issuer", issuer + "/"}, {"jwks_uri", "https://keys.example"}}, json{{"issuer", issuer}}, json{{"issuer", issuer}, {"jwks_uri", 7}},
                                 json{{"issuer", issuer}, {"jwks_uri", "http://keys.example"}}, json{{"issuer", issuer}, {"jwks_uri", "file:///etc/passwd"}},
                                 json{{"issuer", issuer}, {"jwks_uri", "https://user:secret@keys.example"}}, json::array()}) {
        fetched.reset();
        fetch();
        outbound.answer(200, metadata.dump());
        ASSERT_TRUE(fetched) << metadata;
        EXPECT_EQ(fetched->keys, nullptr) << metadata;
        EXPECT_FALSE(fetched->problem.empty()) << metadata;
        EXPECT_EQ(outbound.waiting(), 0u) << metadata;
    }
    fetched.reset();
    fetch();
    outbound.answer(200, R"({"issuer":"https://evil.example","issuer":"https://issuer.example/tenant","jwks_uri":"https://keys.example"})");
    EXPECT_EQ(fetched->keys, nullptr) << "two readers could see two issuers";
}

TEST_F(DiscoveryTest, SaysWhatWentWrong) {
    fetch();
    outbound.fail();
    EXPECT_EQ(fetched->problem, "the test says so");
    fetch();
    outbound.answer(301, "", {{"Location", "http://169.254.169.254/"}});
    EXPECT_EQ(fetched->problem, "status 301 for its metadata");
    EXPECT_EQ(outbound.waiting(), 0u) << "no redirection is followed";
}

TEST_F(DiscoveryTest, CanBeGivenUpAtEachStep) {
    fetch();
    under_way.reset();
    EXPECT_EQ(outbound.waiting(), 0u);
    fetch();
    outbound.answer(200, json{{"issuer", issuer}, {"jwks_uri", "https://keys.example"}}.dump());
    EXPECT_EQ(outbound.waiting(), 1u);
    under_way.reset();
    EXPECT_EQ(outbound.waiting(), 0u);
    EXPECT_FALSE(fetched);
}

TEST(MaxAge, IsANumberOfSeconds) {
    const auto read = [](const char* value) {
        HttpResponse response;
        response.headers = {{"Cache-Control", value}};
        return max_age_of(response);
    };
    EXPECT_EQ(read("max-age=5"), 5s);
    EXPECT_EQ(read("public,\tmax-age=5 , x"), 5s);
    EXPECT_EQ(read("s-maxage=5"), std::nullopt);
    EXPECT_EQ(read("max-age=-5"), std::nullopt);
    EXPECT_EQ(read("max-age=x"), std::nullopt);
    EXPECT_EQ(read(""), std::nullopt);
    EXPECT_GT(read("max-age=9223372036854775807"), 24h);
}

}  // namespace
}  // namespace junctor
