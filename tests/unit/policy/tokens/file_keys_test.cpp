#include "policy/tokens/file_keys.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/base/setup_error.hpp"
#include "tests/support/token_mint.hpp"

namespace junctor {
namespace {

namespace fs = std::filesystem;
using Form = FileKeys::Form;

class FileKeysTest : public ::testing::Test {
protected:
    FileKeysTest() {
        std::string made = (fs::temp_directory_path() / "junctor-keys-XXXXXX").string();
        folder = mkdtemp(made.data());
        file = folder / "keys";
    }
    ~FileKeysTest() override { fs::remove_all(folder); }

    /// Replaced as a whole, so that the file is another one.
    void write(const std::string& text) {
        std::ofstream(folder / "new") << text;
        fs::rename(folder / "new", file);
    }
    static std::string set(const test::TokenMint& mint, const std::string& id) { return nlohmann::json{{"keys", {mint.jwk(id)}}}.dump(); }
    static bool knows(const FileKeys& keys, const test::TokenMint& mint, const std::string& id) {
        const std::string token = mint.token(jose::Algorithm::es256, {{"kid", id}}, nlohmann::json::object());
        return keys.keys()->verify(*jose::parse_compact_token(token)) == jose::JoseErrc::ok;
    }

    fs::path folder;
    fs::path file;
    const jose::AlgorithmSet es256{jose::Algorithm::es256};
};

TEST_F(FileKeysTest, ReadsAgainWhatHasChanged) {
    const test::TokenMint first = test::TokenMint::ec(), second = test::TokenMint::ec();
    write(set(first, "1"));
    FileKeys keys(file, Form::jwks, es256);
    EXPECT_TRUE(knows(keys, first, "1"));
    write(set(second, "2"));
    EXPECT_TRUE(keys.look());
    EXPECT_TRUE(knows(keys, second, "2"));
    EXPECT_FALSE(knows(keys, first, "1")) << "what is taken out counts no more";
}

TEST_F(FileKeysTest, KeepsWhatItHasWhenTheFileIsNoGood) {
    const test::TokenMint mint = test::TokenMint::ec();
    write(mint.pem());
    FileKeys keys(file, Form::pem, es256);
    const jose::KeySetPtr before = keys.keys();
    for (const std::string& bad : {std::string(), std::string("no key"), mint.pem().substr(0, 60), test::TokenMint::rsa().pem()}) {
        write(bad);
        EXPECT_FALSE(keys.look()) << bad;
        EXPECT_EQ(keys.keys(), before) << bad;
    }
    fs::remove(file);
    EXPECT_FALSE(keys.look());
    EXPECT_EQ(keys.keys(), before);
}

TEST_F(FileKeysTest, ASharedSecretIsReadAgainToo) {
    const jose::AlgorithmSet hs256{jose::Algorithm::hs256};
    const std::string first(32, 'a'), second(32, 'b');
    const auto signature = [](const FileKeys& keys, const std::string& secret) {
        const std::string token = test::TokenMint::secret(secret).token(jose::Algorithm::hs256, nlohmann::json::object(), nlohmann::json::object());
        return keys.keys()->verify(*jose::parse_compact_token(token));
    };
    write(first + "\n");
    FileKeys keys(file, Form::secret, hs256);
    EXPECT_EQ(signature(keys, first), jose::JoseErrc::ok);
    write(second);
    EXPECT_TRUE(keys.look());
    EXPECT_EQ(signature(keys, second), jose::JoseErrc::ok);
    EXPECT_NE(signature(keys, first), jose::JoseErrc::ok);
    write("short");
    EXPECT_FALSE(keys.look());
    EXPECT_EQ(signature(keys, second), jose::JoseErrc::ok);
}

TEST_F(FileKeysTest, DoesNotBeginWithoutAGoodFile) {
    EXPECT_THROW(FileKeys(file, Form::jwks, es256), SetupError);
    write("{}");
    EXPECT_THROW(FileKeys(file, Form::jwks, es256), SetupError);
}

}  // namespace
}  // namespace junctor
