#include "connectors/zeromq/codec_zap.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace junctor::zeromq {
namespace {

std::optional<ZapRequest> decode(const std::vector<std::string>& frames) {
    static std::vector<std::string> kept;
    kept = frames;
    std::vector<Bytes> views;
    for (const std::string& frame : kept) views.push_back(as_bytes(frame));
    return decode_zap(views);
}

TEST(Zap, ReadsWhatEachMechanismShows) {
    const auto null = decode({"route", "", "1.0", "1", "junctor", "127.0.0.1", "", "NULL"});
    ASSERT_TRUE(null);
    EXPECT_EQ(null->mechanism, ZapRequest::Mechanism::null);
    EXPECT_EQ(null->address, "127.0.0.1");
    EXPECT_EQ(as_text(null->route), "route");
    EXPECT_EQ(as_text(null->id), "1");
    const auto plain = decode({"route", "", "1.0", "1", "junctor", "::1", "id", "PLAIN", "ann", "secret"});
    ASSERT_TRUE(plain);
    EXPECT_EQ(plain->user, "ann");
    EXPECT_EQ(plain->password, "secret");
    const auto curve = decode({"route", "", "1.0", "1", "junctor", "::1", "", "CURVE", std::string(32, '\x7f')});
    ASSERT_TRUE(curve);
    EXPECT_EQ(curve->key.size(), 32u);
}

TEST(Zap, RefusesWhatIsNoQuestion) {
    EXPECT_FALSE(decode({}));
    EXPECT_FALSE(decode({"route", "", "1.0", "1", "junctor", "127.0.0.1", ""}));
    EXPECT_FALSE(decode({"route", "x", "1.0", "1", "junctor", "127.0.0.1", "", "NULL"}));
    EXPECT_FALSE(decode({"route", "", "2.0", "1", "junctor", "127.0.0.1", "", "NULL"}));
    EXPECT_FALSE(decode({"route", "", "1.0", "1", "junctor", "127.0.0.1", "", "NULL", "surplus"}));
    EXPECT_FALSE(decode({"route", "", "1.0", "1", "junctor", "127.0.0.1", "", "PLAIN", "ann"}));
    EXPECT_FALSE(decode({"route", "", "1.0", "1", "junctor", "127.0.0.1", "", "CURVE", std::string(31, 'x')}));
    EXPECT_FALSE(decode({"route", "", "1.0", "1", "junctor", "127.0.0.1", "", "GSSAPI", "x"}));
}

}  // namespace
}  // namespace junctor::zeromq
