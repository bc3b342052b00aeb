#include <gtest/gtest.h>

#include "core/ports/host.hpp"

namespace junctor {
namespace {

TEST(Address, HasOneCanonicalSpelling) {
    EXPECT_EQ(Address::parse("127.0.0.1:1883").value().text(), "127.0.0.1:1883");
    EXPECT_EQ(Address::parse("localhost:1883").value().text(), "127.0.0.1:1883");
    EXPECT_EQ(Address::parse("[0:0::1]:80").value().text(), "[::1]:80");
    EXPECT_EQ(Address::parse("0.0.0.0:0").value().text(), "0.0.0.0:0");
}

TEST(Address, RefusesWhatIsNoNumericHostAndPort) {
    for (const char* text : {"", ":", "127.0.0.1", ":1883", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1: 1", "::1:80",
                             "[127.0.0.1]:80", "[::1]", "example.org:80", "127.1:80", "*:80", "[]:80"})
        EXPECT_FALSE(Address::parse(text).has_value()) << text;
}

TEST(Address, LoopbackIsThisMachineOnly) {
    for (const char* text : {"127.0.0.1:1", "127.9.9.9:1", "[::1]:1", "[::ffff:127.0.0.1]:1"})
        EXPECT_TRUE(Address::parse(text).value().loopback()) << text;
    for (const char* text : {"0.0.0.0:1", "[::]:1", "128.0.0.1:1", "10.0.0.1:1", "[::ffff:10.0.0.1]:1", "[fe80::1]:1"})
        EXPECT_FALSE(Address::parse(text).value().loopback()) << text;
}

TEST(Address, SaysWhatNobodyCanListenOn) {
    EXPECT_EQ(Address::parse("[::ffff:127.0.0.1]:1883").value().obstacle(), "is an IPv4 address in disguise; write 127.0.0.1:1883");
    for (const char* text : {"[fe80::1]:1", "[ff02::1]:1", "224.0.0.1:1", "255.255.255.255:1"})
        EXPECT_NE(Address::parse(text).value().obstacle(), "") << text;
    for (const char* text : {"127.0.0.1:1", "0.0.0.0:1", "[::]:1", "[::1]:1", "[2001:db8::1]:1", "223.255.255.255:1", "198.51.100.1:1"})
        EXPECT_EQ(Address::parse(text).value().obstacle(), "") << text;
}

}  // namespace
}  // namespace junctor
