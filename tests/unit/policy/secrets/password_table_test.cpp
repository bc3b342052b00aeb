#include "policy/secrets/password_table.hpp"

#include <gtest/gtest.h>

namespace junctor {
namespace {

const std::string& hash_text() {
    static const std::string text = ScryptHash::make("secret", {10, 8, 1}).text();
    return text;
}

const std::string& scram_text() {
    static const std::string text = ScramKeys::make(Digest::sha256, "secret", 4'096, ByteBuffer(16, 1)).text();
    return text;
}

struct Read {
    PasswordTable table;
    std::vector<std::string> problems;
};

Read read(const std::string& text) {
    config::Problems problems("users");
    PasswordTable table = PasswordTable::parse(text, problems);
    return {std::move(table), problems.lines()};
}

TEST(PasswordTable, FindsUsers) {
    const Read file = read("# comment\n\nann " + hash_text() + " groups=ops,dev\r\nb%20ob\t" + hash_text() + " " + scram_text() + "\n");
    EXPECT_TRUE(file.problems.empty()) << file.problems.front();
    EXPECT_EQ(file.table.size(), 2u);
    const PasswordUser* ann = file.table.find("ann");
    ASSERT_TRUE(ann && ann->password);
    EXPECT_EQ(ann->groups, (std::vector<std::string>{"ops", "dev"}));
    EXPECT_EQ(ann->text(), "ann " + hash_text() + " groups=ops,dev");
    const PasswordUser* bob = file.table.find("b ob");
    ASSERT_TRUE(bob);
    EXPECT_TRUE(bob->scram_for(Digest::sha256));
    EXPECT_FALSE(bob->scram_for(Digest::sha512));
    EXPECT_EQ(file.table.find("Ann"), nullptr);
    EXPECT_EQ(file.table.find(""), nullptr);
}

/// THREATS 11: a bad line is never a user, and no file with one is taken.
TEST(PasswordTable, RefusesAFileWithABadLine) {
    const std::string good = "ann " + hash_text() + "\n";
    for (const std::string& bad :
         {std::string("bob"), std::string("bob "), std::string("bob:secret"), std::string("bob secret"), "bob " + hash_text() + "x", "bob " + hash_text() + " what",
          "bob " + hash_text() + " " + hash_text(), "bob " + scram_text() + " " + scram_text(), std::string("bob groups=ops"), "bob " + hash_text() + " groups=a,,b",
          "bob " + hash_text() + " groups=\x01", "b:ob " + hash_text(), "b%4fb " + hash_text(), "b%4Fb " + hash_text(), "b%00b " + hash_text(),
          "%ff " + hash_text(), std::string(300, 'x') + " " + hash_text(), "ann " + hash_text(), std::string("!decoy"), std::string("!decoy AAAA"),
          std::string("!what ever"), std::string("\x00\x01\x02\xff", 4)}) {
        const Read file = read(good + bad + "\n");
        ASSERT_EQ(file.problems.size(), 1u) << bad;
        EXPECT_TRUE(file.problems[0].starts_with("users:2:1: ")) << file.problems[0];
        EXPECT_EQ(file.table.find("bob"), nullptr) << bad;
        EXPECT_EQ(file.problems[0].find(hash_text()), std::string::npos) << "no secrets in messages";
    }
}

TEST(PasswordTable, RefusesAFileThatNamesNobody) {
    for (const std::string& empty : {std::string(), std::string("\n\n"), std::string("# nobody\n"), std::string("!decoy AAAAAAAAAAAAAAAAAAAAAAAA\n")})
        EXPECT_EQ(read(empty).problems.size(), 1u) << empty;
}

TEST(PasswordTable, HidesWhoIsThere) {
    const std::string text = "!decoy AAAAAAAAAAAAAAAAAAAAAAAA\nann " + hash_text() + " " + scram_text() + "\n";
    const Read file = read(text);
    ASSERT_TRUE(file.problems.empty()) << file.problems[0];
    EXPECT_EQ(file.table.decoy_password("nobody").cost(), file.table.find("ann")->password->cost());
    EXPECT_FALSE(file.table.decoy_password("nobody").matches(""));
    const ScramKeys decoy = file.table.decoy_scram(Digest::sha256, "nobody");
    EXPECT_EQ(decoy.iterations, 4'096u);
    EXPECT_EQ(decoy.salt.size(), 16u);
    EXPECT_EQ(decoy.salt, read(text).table.decoy_scram(Digest::sha256, "nobody").salt) << "after a restart, too";
    EXPECT_TRUE(file.table.offers(Digest::sha256));
    EXPECT_FALSE(file.table.offers(Digest::sha512));
}

TEST(PasswordTable, WritesNamesInOneWay) {
    EXPECT_EQ(written_user_name("ann"), "ann");
    EXPECT_EQ(written_user_name("ann@example.com"), "ann@example.com");
    EXPECT_EQ(written_user_name("#a !%"), "%23a%20%21%25");
    for (const std::string& nobody : {std::string(), std::string("a:b"), std::string("a\nb"), std::string("\x7f"), std::string("\xff"), std::string(257, 'x'), std::string("a\0", 2)})
        EXPECT_FALSE(written_user_name(nobody)) << nobody;
}

}  // namespace
}  // namespace junctor
