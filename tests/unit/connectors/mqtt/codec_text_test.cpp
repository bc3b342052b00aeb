#include <gtest/gtest.h>

#include "tests/unit/connectors/mqtt/bytes.hpp"

namespace junctor::mqtt {
namespace {

using wire::hex;

TEST(MqttText, AcceptsWellFormedTextOfEverySequenceLength) {
    for (const char* good : {"", "20", "7E", "C2A0", "DFBF", "E0A080", "ED9FBF", "EE8080", "EFBFBF", "F0908080", "F48FBFBF", "41F0AA9B94"})
        EXPECT_TRUE(is_text(hex(good))) << good;
}

TEST(MqttText, Threat15RefusesWhatIsNotUtf8AndControlCharacters) {
    for (const char* bad : {"00", "01", "1F", "7F", "C280", "C29F", "80", "BF", "C0AF", "C1BF", "E08080", "E09FBF", "EDA080", "EDBFBF",
                            "F08FBFBF",
                            "F4908080", "F5808080", "FF", "C2", "E0A0", "F09080", "E28228", "41C3"})
        EXPECT_FALSE(is_text(hex(bad))) << bad;
}

TEST(MqttText, KnowsTopicNames) {
    EXPECT_TRUE(is_topic_name(as_bytes("/")));
    EXPECT_TRUE(is_topic_name(as_bytes("a b/\xC3\xA4//$")));
    for (const std::string_view bad : {"", "+", "a/#", "a+b", "a\x01"}) EXPECT_FALSE(is_topic_name(as_bytes(bad))) << bad;
}

}  // namespace
}  // namespace junctor::mqtt
