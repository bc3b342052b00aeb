#include "policy/secrets/scram_exchange.hpp"

#include <gtest/gtest.h>

#include "core/base/base64.hpp"

namespace junctor {
namespace {

ByteBuffer from_base64(std::string_view text) {
    ByteBuffer bytes;
    EXPECT_TRUE(append_from_base64(bytes, text));
    return bytes;
}

/// RFC 7677 section 3.
constexpr std::string_view client_first = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO";
constexpr std::string_view server_nonce = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
constexpr std::string_view server_first = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
constexpr std::string_view client_last =
    "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
constexpr std::string_view server_last = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

ScramKeys rfc_keys() { return ScramKeys::make(Digest::sha256, "pencil", 4'096, from_base64("W22ZaJ0SNY7soEsUEjb6gQ==")); }

ScramExchange begun() {
    ScramExchange exchange(Digest::sha256, std::string(server_nonce));
    EXPECT_EQ(exchange.begin(client_first), "user");
    return exchange;
}

/// A client's last message, made as RFC 5802 section 3 says.
std::string prove(Digest digest, std::string_view password, const ScramKeys& keys, std::string_view first_bare, std::string_view first_answer,
                  const std::string& without_proof) {
    const ByteBuffer salted = pbkdf2(digest, password, keys.salt, keys.iterations);
    const ByteBuffer client_key = hmac(digest, salted, as_bytes("Client Key"));
    const std::string message = std::string(first_bare) + "," + std::string(first_answer) + "," + without_proof;
    ByteBuffer proof = hmac(digest, hash(digest, client_key), as_bytes(message));
    for (std::size_t at = 0; at < proof.size(); ++at) proof[at] ^= client_key[at];
    return without_proof + ",p=" + to_base64(proof);
}

TEST(ScramExchange, SpeaksTheExampleOfTheSpecification) {
    ScramExchange exchange = begun();
    EXPECT_EQ(exchange.challenge(rfc_keys()), server_first);
    EXPECT_EQ(exchange.finish(client_last), server_last);
}

TEST(ScramExchange, SpeaksSha512) {
    const ScramKeys keys = ScramKeys::make(Digest::sha512, "pencil", 4'096, random_bytes(16));
    ScramExchange exchange(Digest::sha512, "server");
    ASSERT_EQ(exchange.begin("n,,n=user,r=client"), "user");
    const std::string first = exchange.challenge(keys);
    const std::string without_proof = "c=biws,r=clientserver";
    EXPECT_TRUE(exchange.finish(prove(Digest::sha512, "pencil", keys, "n=user,r=client", first, without_proof)));
    EXPECT_FALSE(exchange.finish(prove(Digest::sha512, "pencils", keys, "n=user,r=client", first, without_proof)));
}

TEST(ScramExchange, DecodesNames) {
    const auto name = [](std::string_view message) { return ScramExchange(Digest::sha256, "s").begin(message); };
    EXPECT_EQ(name("n,,n=a=2Cb=3Dc,r=x"), "a,b=c");
    EXPECT_EQ(name("y,,n=J\xC3\xBCrgen,r=x"), "J\xC3\xBCrgen");
    EXPECT_EQ(name("n,a=user,n=user,r=x"), "user");
    EXPECT_EQ(name("n,,n=user,r=x,later=extension"), "user");
}

TEST(ScramExchange, RefusesFirstMessagesThatItCannotKeepItsWordTo) {
    for (const std::string& wrong : {std::string(), std::string("n"), std::string("n,,"), std::string("n,,n=user"), std::string("n,,r=x,n=user"),
                                     std::string("n,,n=,r=x"), std::string("n,,n=user,r="), std::string("p=tls-unique,,n=user,r=x"),
                                     std::string("n,a=root,n=user,r=x"), std::string("n,x,n=user,r=x"), std::string("n,,m=must,n=user,r=x"),
                                     std::string("n,,n=a=2cb,r=x"), std::string("n,,n=a=,r=x"), std::string("n,,n=\xff,r=x"),
                                     std::string("n,,n=a\0b,r=x", 12), std::string("n,,n=user,r=a b"), "n,,n=user,r=" + std::string(257, 'x'),
                                     "n,,n=" + std::string(3'000, 'x') + ",r=x"})
        EXPECT_FALSE(ScramExchange(Digest::sha256, "s").begin(wrong)) << wrong;
}

TEST(ScramExchange, RefusesWhoeverProvesNothing) {
    ScramExchange exchange = begun();
    EXPECT_FALSE(exchange.finish(client_last)) << "before the challenge";
    exchange.challenge(rfc_keys());
    const std::string good(client_last);
    const auto with = [&](std::string_view from, std::string_view to) {
        std::string changed = good;
        return changed.replace(changed.find(from), from.size(), to);
    };
    for (const std::string& wrong : {std::string(), std::string("c=biws"), good.substr(0, good.size() - 4), with("c=biws", "c=eSws"), with("c=biws", "d=biws"),
                                     with("k0,p", "k1,p"), with("r=rO", "r="), with("p=dH", "p=eH"), with("p=", "p"), with("p=dHzb", "p="), good + ",p=",
                                     good + std::string(3'000, 'x')})
        EXPECT_FALSE(exchange.finish(wrong)) << wrong;
    EXPECT_TRUE(exchange.finish(good));
}

TEST(ScramExchange, NobodyProvesToBeADecoy) {
    const ByteBuffer secret(32, 7);
    const ScramKeys decoy = ScramKeys::decoy(Digest::sha256, "nobody", 4'096, 16, secret);
    EXPECT_EQ(decoy.salt, ScramKeys::decoy(Digest::sha256, "nobody", 4'096, 16, secret).salt) << "else two tries tell that there is none";
    EXPECT_NE(decoy.salt, ScramKeys::decoy(Digest::sha256, "noone", 4'096, 16, secret).salt);
    ScramExchange exchange(Digest::sha256, "server");
    exchange.begin("n,,n=nobody,r=client");
    const std::string first = exchange.challenge(decoy);
    EXPECT_FALSE(exchange.finish(prove(Digest::sha256, "", decoy, "n=nobody,r=client", first, "c=biws,r=clientserver")));
}

TEST(ScramKeys, ComeBackFromTheirText) {
    const ScramKeys keys = rfc_keys();
    EXPECT_EQ(keys.text(), "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=");
    const auto again = ScramKeys::parse(keys.text());
    ASSERT_TRUE(again);
    EXPECT_EQ(again->text(), keys.text());
}

TEST(ScramKeys, TakeNothingElse) {
    const std::string good = rfc_keys().text();
    const auto with = [&](std::string_view from, std::string_view to) {
        std::string changed = good;
        return changed.replace(changed.find(from), from.size(), to);
    };
    for (const std::string& wrong : {std::string(), std::string("SCRAM-SHA-256$"), with("256", "1"), with("256", "512"), with("4096", "4095"), with("4096", "99999999"),
                                     with("4096", "0x1000"), with("W22Z", "!"), with("W22ZaJ0SNY7soEsUEjb6gQ==", ""), good + "=", good.substr(0, good.size() - 8)})
        EXPECT_FALSE(ScramKeys::parse(wrong)) << wrong;
}

}  // namespace
}  // namespace junctor
