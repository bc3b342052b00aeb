#include "policy/jose/compact_token.hpp"

#include <gtest/gtest.h>

#include "policy/jose/jose_errc.hpp"
#include "tests/support/token_mint.hpp"

namespace junctor::jose {
namespace {

using test::base64url;

constexpr std::string_view payload = "eyJzdWIiOiJhIn0";

/// What is wrong with a token of that header; ok: nothing.
ErrorCode fault(std::string_view header) {
    const Result<CompactToken> token = parse_compact_token(base64url(header) + "." + std::string(payload) + ".c2ln");
    return token ? ErrorCode(JoseErrc::ok) : token.error();
}

TEST(CompactToken, IsTakenApart) {
    const std::string text = base64url(R"({"alg":"ES256","kid":"k/1","typ":"application/AT+JWT","x5t":"ignored"})") + "." + std::string(payload) + ".c2ln";
    const Result<CompactToken> token = parse_compact_token(text);
    ASSERT_TRUE(token);
    EXPECT_EQ(token->algorithm, Algorithm::es256);
    EXPECT_EQ(token->kid, "k/1");
    EXPECT_EQ(token->type, "at+jwt");
    EXPECT_EQ(as_text(token->payload), R"({"sub":"a"})");
    EXPECT_EQ(as_text(token->signature), "sig");
    EXPECT_EQ(token->signing_input, text.substr(0, text.size() - 5));
}

TEST(CompactToken, HasThreePartsOfStrictBase64url) {
    const std::string header = base64url(R"({"alg":"RS256"})");
    const std::string good = header + "." + std::string(payload) + ".c2ln";
    ASSERT_TRUE(parse_compact_token(good));
    const std::string unsigned_part = header + "." + std::string(payload);
    const std::vector<std::string> bad{"", ".", "..", "...", unsigned_part, header + "..", unsigned_part + ".", good.substr(header.size()),
                                       good + ".c2ln", good + "=", good + "\n", " " + good, header + ".ey?J.c2ln", unsigned_part + ".c2lo+",
                                       unsigned_part + ".c2l" /* bits left over */, R"({"payload":"","signatures":[]})"};
    for (const std::string& text : bad) EXPECT_FALSE(parse_compact_token(text)) << text;
}

TEST(CompactToken, NoneIsNoAlgorithm) {
    for (const char* name : {"none", "None", "nOnE", "NONE", "", "HS1", "rs256", "RS256 ", "ES256K", "RSA-OAEP"})
        EXPECT_EQ(fault(std::string(R"({"alg":")") + name + "\"}"), JoseErrc::algorithm_not_offered) << name;
    for (const char* header : {R"({})", R"({"alg":null})", R"({"alg":["RS256"]})", R"({"alg":1})"}) EXPECT_EQ(fault(header), JoseErrc::bad_header) << header;
}

TEST(CompactToken, BringsNoKeyAndNoRules) {
    for (const char* parameter : {R"("jwk":{"kty":"oct","k":"AA"})", R"("jku":"http://169.254.169.254/")", R"("x5u":"https://evil.example/")", R"("x5c":["MII"])",
                                  R"("crit":["exp"])", R"("crit":[])", R"("b64":false)", R"("b64":true)", R"("zip":"DEF")"})
        EXPECT_EQ(fault(std::string(R"({"alg":"RS256",)") + parameter + "}"), JoseErrc::bad_header) << parameter;
}

TEST(CompactToken, HeaderIsStrictJson) {
    ASSERT_EQ(fault(R"({"alg":"RS256"})"), JoseErrc::ok);
    for (const char* header : {R"({"alg":"none","alg":"RS256"})", R"({"alg":"none","\u0061lg":"RS256"})", R"({"alg":"RS256","x":{"y":1,"y":2}})", R"(["RS256"])",
                               R"("RS256")", R"({"alg":"RS256"}x)", "{\"alg\":\"RS256\xff\"}", R"({"alg":"RS256",})", "\xef\xbb\xbf{\"alg\":\"RS256\"}",
                               R"({"alg":"RS256","x":[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]})", ""})
        EXPECT_EQ(fault(header), JoseErrc::malformed) << header;
    EXPECT_EQ(fault(R"({"alg":"RS256","kid":7})"), JoseErrc::bad_header);
    EXPECT_EQ(fault(R"({"alg":"RS256","typ":{}})"), JoseErrc::bad_header);
    EXPECT_EQ(fault(R"({"alg":"RS256","kid":")" + std::string(CompactToken::longest_kid + 1, 'k') + "\"}"), JoseErrc::bad_header);
}

TEST(CompactToken, IsBounded) {
    const std::string start = base64url(R"({"alg":"RS256"})") + ".";
    const std::string end = ".c2ln";
    const auto of_size = [&](std::size_t bytes) { return start + std::string(bytes - start.size() - end.size(), 'A') + end; };
    EXPECT_TRUE(parse_compact_token(of_size(CompactToken::most_bytes)));
    EXPECT_FALSE(parse_compact_token(of_size(CompactToken::most_bytes + 1)));
    EXPECT_FALSE(parse_compact_token(of_size(1 << 20)));
}

}  // namespace
}  // namespace junctor::jose
