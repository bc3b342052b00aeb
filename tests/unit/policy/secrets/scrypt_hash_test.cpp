#include "policy/secrets/scrypt_hash.hpp"

#include <gtest/gtest.h>

namespace junctor {
namespace {

constexpr ScryptHash::Cost cheap{10, 8, 1};

TEST(ScryptHash, KnowsThePasswordThatItWasMadeOf) {
    const ScryptHash hash = ScryptHash::make("pleaseletmein", cheap);
    EXPECT_TRUE(hash.matches("pleaseletmein"));
    EXPECT_FALSE(hash.matches("pleaseletmeiN"));
    EXPECT_FALSE(hash.matches(""));
    EXPECT_FALSE(hash.matches(std::string("pleaseletmein\0", 14))) << "HMAC alone would not tell them apart";
}

/// What Python's hashlib.scrypt makes of it.
TEST(ScryptHash, AgreesWithOthers) {
    const auto hash = ScryptHash::parse("scrypt$ln=10,r=8,p=16$TmFDbE5hQ2w=$XsC2ZTdXJ4zsfzVdRtTQNNSXMToqf+tcSxiTF5U/EW4=");
    ASSERT_TRUE(hash);
    EXPECT_TRUE(hash->matches("password"));
    EXPECT_FALSE(hash->matches("Password"));
}

TEST(ScryptHash, ComesBackFromItsText) {
    const ScryptHash hash = ScryptHash::make("secret", cheap);
    const auto again = ScryptHash::parse(hash.text());
    ASSERT_TRUE(again);
    EXPECT_TRUE(again->matches("secret"));
    EXPECT_EQ(again->text(), hash.text());
    EXPECT_NE(ScryptHash::make("secret", cheap).text(), hash.text()) << "each has a salt of its own";
}

TEST(ScryptHash, DecoyMatchesNothing) {
    const ScryptHash decoy = ScryptHash::decoy(cheap);
    EXPECT_EQ(decoy.cost(), cheap);
    EXPECT_FALSE(decoy.matches(""));
    EXPECT_FALSE(decoy.matches("secret"));
}

TEST(ScryptHash, TakesNothingElse) {
    const std::string good = ScryptHash::make("secret", cheap).text();
    const auto with = [&](std::string_view from, std::string_view to) {
        std::string changed = good;
        return changed.replace(changed.find(from), from.size(), to);
    };
    ASSERT_TRUE(ScryptHash::parse(good));
    for (const std::string& wrong :
         {std::string(), std::string("secret"), std::string("scrypt$"), std::string("scrypt$$$"), good + "A", good.substr(0, good.size() - 4),
          with("scrypt", "bcrypt"), with("ln=10", "ln=9"), with("ln=10", "ln=21"), with("ln=10", "ln=20"), with("ln=10", "ln=-1"), with("ln=10", "ln=+10"),
          with("ln=10", "ln="), with("r=8", "r=0"), with("r=8", "r=99999999999"), with("p=1", "p=0"), with("p=1", "p=17"), with("p=1", "p=1,x=1")})
        EXPECT_FALSE(ScryptHash::parse(wrong)) << wrong;
}

}  // namespace
}  // namespace junctor
