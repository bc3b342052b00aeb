#include "core/base/base64.hpp"

#include <gtest/gtest.h>

#include <string>

namespace junctor {
namespace {

std::string encoded(std::string_view text) {
    ByteBuffer out;
    append_base64(out, as_bytes(text));
    return std::string(as_text(out));
}

std::optional<std::string> decoded(std::string_view text) {
    ByteBuffer out;
    if (!append_from_base64(out, text)) return std::nullopt;
    return std::string(as_text(out));
}

// RFC 4648 section 10.
TEST(Base64, TestVectors) {
    const std::pair<std::string_view, std::string_view> vectors[] = {{"", ""},          {"f", "Zg=="},         {"fo", "Zm8="},        {"foo", "Zm9v"},
                                                                     {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}};
    for (const auto& [plain, code] : vectors) {
        EXPECT_EQ(encoded(plain), code);
        EXPECT_EQ(decoded(code), plain);
    }
}

TEST(Base64, EveryByteSurvivesAtEveryLength) {
    std::string all;
    for (int value = 0; value < 256; ++value) all.push_back(static_cast<char>(value));
    for (std::size_t size = 0; size <= all.size(); ++size) EXPECT_EQ(decoded(encoded(all.substr(256 - size))), all.substr(256 - size));
}

TEST(Base64, PaddingMayBeMissing) {
    EXPECT_EQ(decoded("Zg"), "f");
    EXPECT_EQ(decoded("Zm8"), "fo");
}

TEST(Base64, RefusesWhatIsNotBase64) {
    for (const std::string_view text : {"Z", "Zg=", "Zg===", "=", "====", "Zg==Zg==", "Zm9 v", "Zm9v\n", "Zm-_", "Zh==", "Zm9=", "Zm9v===="})
        EXPECT_EQ(decoded(text), std::nullopt) << text;
}

TEST(Base64, TheFormForUrlsHasOneTextForAnyBytes) {
    const auto decoded_url = [](std::string_view text) -> std::optional<std::string> {
        ByteBuffer out;
        if (!append_from_base64url(out, text)) return std::nullopt;
        return std::string(as_text(out));
    };
    EXPECT_EQ(decoded_url(""), "");
    EXPECT_EQ(decoded_url("-_8"), "\xfb\xff");
    EXPECT_EQ(decoded_url("Zm9vYg"), "foob");
    for (const std::string_view text : {"Z", "Zg==", "+/8", "Zh", "Zm9", "Zm9 v", "Zm9v\n", "Zm9v="}) EXPECT_EQ(decoded_url(text), std::nullopt) << text;
}

TEST(Base64, ARefusalLeavesTheBufferAsItWas) {
    ByteBuffer buffer{1, 2};
    EXPECT_FALSE(append_from_base64(buffer, "Zm9v*"));
    EXPECT_EQ(buffer, (ByteBuffer{1, 2}));
}

}  // namespace
}  // namespace junctor
