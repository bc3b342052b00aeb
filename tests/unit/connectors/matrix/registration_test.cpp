#include "connectors/matrix/registration.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace junctor::matrix {
namespace {

using nlohmann::json;

BackendSettings settings_with_puppets() {
    BackendSettings settings;
    settings.puppets = {"canary", "_j.1_", 1};
    settings.alias_prefix = "_a.b_";
    return settings;
}

TEST(MatrixRegistration, SaysWhatTheHomeserverInstalls) {
    const BackendSettings settings = settings_with_puppets();
    ASSERT_EQ(registrations(settings).size(), 1U);
    const json one = json::parse(registrations(settings)[0].document);
    EXPECT_EQ(one["as_token"], "canary");
    EXPECT_TRUE(one["url"].is_null());
    EXPECT_EQ(one["sender_localpart"], "_j.1_");
    EXPECT_EQ(one["namespaces"]["users"], json::parse(R"([{"exclusive":true,"regex":"@_j\\.1_.*"}])"));
    EXPECT_EQ(one["namespaces"]["aliases"], json::parse(R"([{"exclusive":false,"regex":"#_a\\.b_.*"}])"));
    EXPECT_EQ(one["hs_token"].get<std::string>().size(), 64U);
    EXPECT_NE(one["hs_token"], json::parse(registrations(settings)[0].document)["hs_token"]);
}

TEST(MatrixRegistration, OfAListenerSaysWhereToPush) {
    BackendSettings settings;
    EXPECT_TRUE(registrations(settings).empty());
    settings.token = "own";
    settings.room = "#shared+:hs.example";
    settings.rooms = {{"a", "!id:hs.example"}, {"b", "#_j_b:hs.example"}, {"c", "#c:hs.example"}};
    settings.alias_prefix = "_j_";
    settings.listen = {{"127.0.0.1", 9'500}, "http://plant:9500", "pushed", "junctor-1.a"};
    ASSERT_EQ(registrations(settings).size(), 1U);
    EXPECT_EQ(registrations(settings)[0].suffix, "");
    const json one = json::parse(registrations(settings)[0].document);
    EXPECT_EQ(one["id"], "junctor-1.a");
    EXPECT_EQ(one["url"], "http://plant:9500");
    EXPECT_EQ(one["as_token"], "own");
    EXPECT_EQ(one["hs_token"], "pushed");
    EXPECT_EQ(one["sender_localpart"], "junctor-1.a");
    EXPECT_EQ(one["namespaces"]["users"], json::parse(R"([{"exclusive":true,"regex":"@junctor-1\\.a:.*"}])"));
    EXPECT_EQ(one["namespaces"]["aliases"], json::parse(R"([{"exclusive":false,"regex":"#_j_.*"},{"exclusive":false,"regex":"#shared\\+:hs\\.example"},
        {"exclusive":false,"regex":"#c:hs\\.example"}])"));
}

TEST(MatrixRegistration, OfPuppetsIsOneForAllGateways) {
    BackendSettings settings = settings_with_puppets();
    settings.listen = {{"127.0.0.1", 9'500}, "http://plant:9500", "pushed", "junctor-1"};
    const std::vector<Registration> both = registrations(settings);
    ASSERT_EQ(both.size(), 2U);
    EXPECT_EQ(both[1].suffix, "-puppets");
    EXPECT_TRUE(json::parse(both[1].document)["url"].is_null());
    EXPECT_EQ(json::parse(both[1].document)["as_token"], "canary");
}

}  // namespace
}  // namespace junctor::matrix
