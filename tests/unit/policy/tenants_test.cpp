#include "policy/tenants.hpp"

#include <gtest/gtest.h>

namespace junctor {
namespace {

using Others = Tenants::Others;

TEST(Tenants, TheIdIsStoredAndThereforeNeverChanges) {
    EXPECT_EQ(Tenants::id_of("acme"), Tenants::id_of("acme"));
    EXPECT_EQ(Tenants::id_of("acme").value, 0x73d2'0d8cU);
    EXPECT_NE(Tenants::id_of("acme"), Tenants::id_of("Acme"));
    for (int i = 0; i < 10'000; ++i) {
        const std::uint32_t id = Tenants::id_of("tenant " + std::to_string(i)).value;
        EXPECT_TRUE(id != 0 && id < 0x8000'0000U);
    }
}

TEST(Tenants, AnUnknownOneIsNone) {
    Tenants tenants;
    EXPECT_EQ(tenants.declare("acme"), "");
    EXPECT_EQ(tenants.find("acme"), Tenants::id_of("acme"));
    EXPECT_EQ(tenants.find(""), TenantId{});
    EXPECT_EQ(tenants.find("other"), std::nullopt);
    EXPECT_EQ(tenants.find("acme "), std::nullopt);
}

TEST(Tenants, OthersAreAcceptedUpToALimit) {
    Tenants tenants(Others::accepted);
    for (std::size_t i = 0; i < Tenants::most; ++i) EXPECT_TRUE(tenants.find(std::to_string(i)));
    EXPECT_FALSE(tenants.find("one more"));
    EXPECT_TRUE(tenants.find("0")) << "those that are there stay";
}

TEST(Tenants, SaysWhatIsWrongWithAName) {
    Tenants tenants(Others::accepted);
    EXPECT_EQ(tenants.declare("acme"), "");
    EXPECT_NE(tenants.declare("acme"), "");
    EXPECT_NE(tenants.declare(""), "");
    EXPECT_NE(tenants.declare(std::string(257, 'a')), "");
    EXPECT_NE(tenants.declare("a\xff"), "");
    EXPECT_FALSE(tenants.find("a\xff"));
    EXPECT_FALSE(tenants.find(std::string("a\0b", 3)));
}

/// Two names with one id, found by trying: tenants that could not be told apart would see each other.
TEST(Tenants, RefusesWhatItCannotTellApart) {
    Tenants tenants(Others::accepted);
    std::map<TenantId, std::string> seen;
    for (int i = 0;; ++i) {
        const std::string name = std::to_string(i);
        const auto [holder, fresh] = seen.try_emplace(Tenants::id_of(name), name);
        if (fresh) continue;
        EXPECT_TRUE(tenants.find(holder->second));
        EXPECT_FALSE(tenants.find(name));
        EXPECT_NE(tenants.declare(name), "");
        return;
    }
}

}  // namespace
}  // namespace junctor
