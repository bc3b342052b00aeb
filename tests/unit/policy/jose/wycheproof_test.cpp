// The Wycheproof vectors for JSON Web Signature and JSON Web Key, where they lie beside the project.

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "policy/jose/key_set.hpp"

namespace junctor::jose {
namespace {

namespace fs = std::filesystem;

/// Vectors whose mark nobody can follow, each with the reason; they are judged the other way. 346 and 350 are signed by a key for PS256,
/// which is all that it offers: 338 and 340 of the same file show that another hash of the family does not count.
const std::map<int, std::string_view> marked_wrongly{
    {346, "marked valid: PS384 by a key whose alg is PS256 (RFC 7517 section 4.4)"},
    {350, "marked valid: PS384 by a key whose alg is PS256 (RFC 7517 section 4.4)"},
    {367, "marked invalid: byte by byte the token of 357, with the same key, which is marked valid"},
    {370, "marked invalid: byte by byte the token of 357, with the same key, which is marked valid"},
    {372, "marked valid: a ? within the header, which is not base64url (RFC 7515 section 2) and was not signed"},
    {373, "marked valid: a ? within the payload, which is not base64url (RFC 7515 section 2) and was not signed"},
};

fs::path folder() {
    const char* given = std::getenv("JUNCTOR_JOSE_VECTORS");
    return given ? fs::path(given) : fs::path(JUNCTOR_SOURCE_DIR).parent_path() / "shared" / "data" / "jose";
}

nlohmann::json read(const char* file) {
    std::ifstream stream(folder() / file);
    return stream ? nlohmann::json::parse(stream) : nlohmann::json();
}

bool accepted(const nlohmann::json& keys, const std::string& jws) {
    const Result<KeySet> set = KeySet::parse(keys.dump(), KeySet::Secrets::allowed);
    const Result<CompactToken> token = parse_compact_token(jws);
    return set && token && set->verify(*token) == JoseErrc::ok;
}

/// How many vectors were judged right.
int judge(const nlohmann::json& vectors, const std::map<int, std::string_view>& exceptions) {
    int right = 0;
    for (const nlohmann::json& group : vectors["testGroups"]) {
        const nlohmann::json& key = group.contains("public") ? group["public"] : group["private"];
        const nlohmann::json keys = key.contains("keys") ? key : nlohmann::json{{"keys", {key}}};
        for (const nlohmann::json& vector : group["tests"]) {
            const int id = vector["tcId"];
            const bool valid = (vector["result"] == "valid") != exceptions.contains(id);
            const bool as_expected = accepted(keys, vector["jws"]) == valid;
            EXPECT_TRUE(as_expected) << group["comment"] << " " << id << " " << vector["comment"];
            right += as_expected;
        }
    }
    return right;
}

class Wycheproof : public ::testing::Test {
protected:
    void SetUp() override {
        if (!fs::exists(folder())) GTEST_SKIP() << "no vectors at " << folder() << " (JUNCTOR_JOSE_VECTORS names another folder)";
    }
};

TEST_F(Wycheproof, EverySignatureIsJudgedRight) {
    EXPECT_EQ(judge(read("json_web_signature_test.json"), marked_wrongly), 401);
}

TEST_F(Wycheproof, EveryKeyIsJudgedRight) { EXPECT_EQ(judge(read("json_web_key_test.json"), {}), 26); }

}  // namespace
}  // namespace junctor::jose
