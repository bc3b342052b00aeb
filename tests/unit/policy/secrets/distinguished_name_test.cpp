#include "policy/secrets/distinguished_name.hpp"

#include <gtest/gtest.h>

namespace junctor {
namespace {

std::vector<DistinguishedName::Attribute> read(std::string_view text) {
    const auto name = DistinguishedName::parse(text);
    EXPECT_TRUE(name) << text;
    return name ? name->attributes() : std::vector<DistinguishedName::Attribute>{};
}

TEST(DistinguishedName, ReadsWhatTheSpecificationShows) {
    using Attributes = std::vector<DistinguishedName::Attribute>;
    EXPECT_EQ(read("UID=jsmith,DC=example,DC=net"), (Attributes{{"UID", "jsmith"}, {"DC", "example"}, {"DC", "net"}}));
    EXPECT_EQ(read("OU=Sales+CN=J.  Smith,DC=example"), (Attributes{{"OU", "Sales"}, {"CN", "J.  Smith", true}, {"DC", "example"}}));
    EXPECT_EQ(read(R"(CN=James \"Jim\" Smith\, III)"), (Attributes{{"CN", "James \"Jim\" Smith, III"}}));
    EXPECT_EQ(read(R"(CN=Before\0dAfter)"), (Attributes{{"CN", "Before\rAfter"}}));
    EXPECT_EQ(read(R"(CN=Lu\C4\8Di\C4\87)"), (Attributes{{"CN", "Lu\xC4\x8Di\xC4\x87"}}));
    EXPECT_EQ(read("1.3.6.1=x"), (Attributes{{"1.3.6.1", "x"}}));
    EXPECT_EQ(read("cn=a=b"), (Attributes{{"CN", "a=b"}}));
    EXPECT_EQ(read("cn = a , ou=\\ b\\ "), (Attributes{{"CN", "a"}, {"OU", " b "}}));
    EXPECT_TRUE(read("").empty());
}

TEST(DistinguishedName, TakesNothingElse) {
    for (const std::string_view wrong : {"x", "=x", "CN", "CN=a,", "CN=a,,OU=b", "CN=a+", ",CN=a", "CN=a\\", "CN=a\\4", "CN=a\\zz", "CN=a\"b", "CN=a;OU=b",
                                         "CN=<a>", "CN=#0403", "C N=a", "CN==;"})
        EXPECT_FALSE(DistinguishedName::parse(wrong)) << wrong;
    EXPECT_FALSE(DistinguishedName::parse(std::string_view("CN=a\0b", 6)));
}

TEST(DistinguishedName, ReadsBackWhatItEscapes) {
    for (const std::string_view value : {"plain", "a,b", "a+b", "\"q\"", "back\\slash", "<x>", ";", "=", " lead", "trail ", "#hash", " ", "a#b", "\x01\x1f\x7f", "Lu\xC4\x8D"}) {
        const auto name = DistinguishedName::parse("CN=" + DistinguishedName::escape(value));
        ASSERT_TRUE(name) << value;
        EXPECT_EQ(name->values("cn"), std::vector<std::string>{std::string(value)});
        EXPECT_EQ(name->attributes().size(), 1u);
    }
    EXPECT_EQ(DistinguishedName::escape(std::string_view("a\0b", 3)), "a\\00b");
    EXPECT_EQ(DistinguishedName::escape("x,ou=admins"), "x\\,ou\\=admins");
}

}  // namespace
}  // namespace junctor
