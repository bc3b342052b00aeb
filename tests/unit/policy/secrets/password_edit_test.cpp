#include "policy/secrets/password_edit.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "core/base/setup_error.hpp"
#include "policy/secrets/password_table.hpp"

namespace junctor {
namespace {

namespace fs = std::filesystem;

PasswordEdit set(const std::string& user, const std::string& password) {
    PasswordEdit edit;
    edit.user = user;
    edit.password = password;
    edit.log_cost = 10;
    return edit;
}

PasswordEdit remove(const std::string& user) {
    PasswordEdit edit;
    edit.user = user;
    edit.remove = true;
    return edit;
}

PasswordTable table_of(const std::string& text) {
    config::Problems problems("users");
    PasswordTable table = PasswordTable::parse(text, problems);
    EXPECT_TRUE(problems.empty()) << text;
    return table;
}

TEST(PasswordEdit, AddsChangesAndRemovesUsers) {
    std::string text = edited_password_file("", "users", set("ann", "one"));
    EXPECT_TRUE(table_of(text).find("ann")->password->matches("one"));
    PasswordEdit bob = set("b ob", "two");
    bob.groups = {"ops"};
    text = edited_password_file(text + "# kept\n", "users", bob);
    text = edited_password_file(text, "users", set("ann", "three"));
    const PasswordTable table = table_of(text);
    EXPECT_EQ(table.size(), 2u);
    EXPECT_TRUE(table.find("ann")->password->matches("three"));
    EXPECT_FALSE(table.find("ann")->password->matches("one"));
    EXPECT_EQ(table.find("b ob")->groups, std::vector<std::string>{"ops"});
    EXPECT_NE(text.find("# kept\n"), std::string::npos);
    text = edited_password_file(text, "users", remove("ann"));
    EXPECT_EQ(table_of(text).find("ann"), nullptr);
    EXPECT_THROW(edited_password_file(text, "users", remove("ann")), SetupError);
    EXPECT_THROW(edited_password_file("", "users", remove("ann")), SetupError);
}

TEST(PasswordEdit, KeepsGroupsAndScramUpToDate) {
    PasswordEdit first = set("ann", "one");
    first.scram = true;
    first.groups = {"ops", "dev"};
    std::string text = edited_password_file("", "users", first);
    const std::string old_keys = table_of(text).find("ann")->scram_for(Digest::sha256)->text();
    text = edited_password_file(text, "users", set("ann", "two"));
    const PasswordTable table = table_of(text);
    EXPECT_EQ(table.find("ann")->groups, (std::vector<std::string>{"ops", "dev"}));
    ASSERT_TRUE(table.offers(Digest::sha256) && table.offers(Digest::sha512));
    const ScramKeys& keys = *table.find("ann")->scram_for(Digest::sha256);
    EXPECT_NE(keys.text(), old_keys);
    EXPECT_EQ(keys.stored_key, ScramKeys::make(Digest::sha256, "two", keys.iterations, keys.salt).stored_key) << "an old password ends everywhere";
}

TEST(PasswordEdit, SetsACurveKeyWithoutAPassword) {
    PasswordEdit edit;
    edit.user = "pump";
    edit.curve_key = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7";
    std::string text = edited_password_file("", "users", edit);
    EXPECT_EQ(table_of(text).find_key(*edit.curve_key)->name, "pump");
    EXPECT_EQ(table_of(text).find_key("JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6"), nullptr);
    text = edited_password_file(text, "users", set("pump", "one"));
    EXPECT_EQ(table_of(text).find("pump")->curve_key, *edit.curve_key) << "it stays";
    edit.user = "other";
    const std::string twice = edited_password_file(text, "users", edit);
    config::Problems problems("users");
    PasswordTable::parse(twice, problems);
    EXPECT_FALSE(problems.empty()) << "a key is one user's";
    edit.curve_key = "short";
    EXPECT_THROW(edited_password_file(text, "users", edit), SetupError);
}

TEST(PasswordEdit, RefusesWhatCannotBe) {
    EXPECT_THROW(edited_password_file("", "users", set("ann", "")), SetupError);
    EXPECT_THROW(edited_password_file("", "users", set("ann", std::string("a\0b", 3))), SetupError);
    EXPECT_THROW(edited_password_file("", "users", set("ann", std::string(1'025, 'x'))), SetupError);
    EXPECT_THROW(edited_password_file("", "users", set("a:b", "one")), SetupError);
    EXPECT_THROW(edited_password_file("garbage\n", "users", set("ann", "one")), SetupError) << "what cannot be read is not made worse";
    PasswordEdit scram = set("ann", "gr\xC3\xBC\xC3\x9F");
    EXPECT_NO_THROW(edited_password_file("", "users", scram));
    scram.scram = true;
    EXPECT_THROW(edited_password_file("", "users", scram), SetupError);
}

class PasswordEditFile : public ::testing::Test {
protected:
    PasswordEditFile() {
        std::string made = (fs::temp_directory_path() / "junctor-passwd-XXXXXX").string();
        folder = mkdtemp(made.data());
        file = folder / "users";
    }
    ~PasswordEditFile() override { fs::remove_all(folder); }
    std::string content() const {
        std::ostringstream text;
        text << std::ifstream(file).rdbuf();
        return text.str();
    }

    fs::path folder;
    fs::path file;
};

TEST_F(PasswordEditFile, IsForItsOwnerAlone) {
    edit_password_file(file, set("ann", "one"));
    struct stat status {};
    ASSERT_EQ(stat(file.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600u);
    edit_password_file(file, set("bob", "two"));
    EXPECT_EQ(table_of(content()).size(), 2u);
    EXPECT_EQ(std::distance(fs::directory_iterator(folder), fs::directory_iterator()), 1) << "nothing is left beside it";
}

TEST_F(PasswordEditFile, StaysAsItIsWhenTheEditIsRefused) {
    edit_password_file(file, set("ann", "one"));
    const std::string before = content();
    EXPECT_THROW(edit_password_file(file, set("bob", "")), SetupError);
    EXPECT_THROW(edit_password_file(file, remove("bob")), SetupError);
    EXPECT_EQ(content(), before);
    EXPECT_THROW(edit_password_file(folder / "missing" / "users", set("ann", "one")), SetupError);
}

TEST_F(PasswordEditFile, FollowsALinkToTheFile) {
    edit_password_file(file, set("ann", "one"));
    fs::create_symlink(file, folder / "link");
    edit_password_file(folder / "link", set("bob", "two"));
    EXPECT_TRUE(fs::is_symlink(folder / "link"));
    EXPECT_EQ(table_of(content()).size(), 2u);
}

}  // namespace
}  // namespace junctor
