#include "core/web/address_guard.hpp"

#include <gtest/gtest.h>

namespace junctor::web {
namespace {

bool forbidden(const char* text) { return forbidden_address(boost::asio::ip::make_address(text)); }

// THREATS class 25.
TEST(AddressGuard, RefusesLinkLocalAndMetadataAddresses) {
    for (const char* text : {"169.254.169.254", "169.254.0.1", "169.254.170.2", "0.0.0.0", "0.1.2.3", "224.0.0.1", "255.255.255.255", "240.0.0.1",
                             "100.100.100.200", "192.0.0.192", "168.63.129.16", "fe80::1", "febf::1", "fd00:ec2::254", "fd20:ce::254", "ff02::1", "::"})
        EXPECT_TRUE(forbidden(text)) << text;
}

TEST(AddressGuard, RefusesThemInsideOtherAddresses) {
    for (const char* text : {"::ffff:169.254.169.254", "::169.254.169.254", "64:ff9b::169.254.169.254", "2002:a9fe:a9fe::1", "::ffff:0.0.0.0"})
        EXPECT_TRUE(forbidden(text)) << text;
}

TEST(AddressGuard, LetsServersThrough) {
    for (const char* text : {"127.0.0.1", "10.0.0.1", "192.168.1.1", "172.16.0.1", "93.184.216.34", "169.253.255.255", "169.255.0.1", "100.100.100.201",
                             "::1", "fd00:ec2::253", "fd12:3456::1", "2001:db8::1", "fec0::1", "::ffff:10.0.0.1", "2002:0a00:0001::1"})
        EXPECT_FALSE(forbidden(text)) << text;
}

}  // namespace
}  // namespace junctor::web
