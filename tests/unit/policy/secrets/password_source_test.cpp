#include "policy/secrets/password_source.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

namespace junctor {
namespace {

namespace fs = std::filesystem;

class PasswordSourceTest : public ::testing::Test {
protected:
    PasswordSourceTest() {
        std::string made = (fs::temp_directory_path() / "junctor-users-XXXXXX").string();
        folder = mkdtemp(made.data());
        file = folder / "users";
    }
    ~PasswordSourceTest() override { fs::remove_all(folder); }

    /// Replaced as a whole, so that the file is another one.
    void write(const std::string& text) {
        std::ofstream(folder / "new") << text;
        fs::rename(folder / "new", file);
    }
    static std::string line(const std::string& user) { return user + " " + ScryptHash::decoy({10, 8, 1}).text() + "\n"; }

    fs::path folder;
    fs::path file;
};

TEST_F(PasswordSourceTest, ReadsAgainWhatHasChanged) {
    write(line("ann"));
    PasswordSource source(file, {});
    const auto before = source.now();
    EXPECT_TRUE(before->table.find("ann"));
    write(line("bob"));
    EXPECT_TRUE(source.look());
    EXPECT_FALSE(source.now()->table.find("ann"));
    EXPECT_TRUE(source.now()->table.find("bob"));
    EXPECT_NE(source.now()->number, before->number);
}

TEST_F(PasswordSourceTest, KeepsWhatItHasWhenTheFileIsNoGood) {
    write(line("ann"));
    PasswordSource source(file, {});
    for (const std::string& bad : {std::string(), std::string("\n"), line("bob") + "carl\n", std::string("\0\0\0", 3)}) {
        write(bad);
        EXPECT_FALSE(source.look());
        EXPECT_TRUE(source.now()->table.find("ann")) << bad;
        EXPECT_FALSE(source.now()->table.find("bob")) << bad;
    }
    fs::remove(file);
    EXPECT_FALSE(source.look());
    EXPECT_TRUE(source.now()->table.find("ann"));
}

TEST_F(PasswordSourceTest, DoesNotBeginWithoutAGoodFile) {
    EXPECT_THROW(PasswordSource(file, {}), config::ConfigError);
    write("ann\n");
    EXPECT_THROW(PasswordSource(file, {}), config::ConfigError);
    write("");
    EXPECT_THROW(PasswordSource(file, {}), config::ConfigError);
}

}  // namespace
}  // namespace junctor
