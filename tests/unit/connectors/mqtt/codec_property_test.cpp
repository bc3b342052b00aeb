#include <gtest/gtest.h>

#include "tests/unit/connectors/mqtt/bytes.hpp"

namespace junctor::mqtt {
namespace {

using wire::frame_of;
using wire::hex;
using enum ReasonCode;

ReasonCode publish_verdict(const std::string& properties, Sender sender = Sender::client) {
    const ByteBuffer block = hex(properties);
    ByteBuffer bytes = hex("30 00 0001 70");
    bytes.push_back(static_cast<std::uint8_t>(block.size()));
    append(bytes, block);
    bytes[1] = static_cast<std::uint8_t>(bytes.size() - 2);
    const Decoded<Publish> publish = decode_publish(frame_of(bytes), Version::v5, sender);
    return publish ? success : publish.error();
}

TEST(MqttProperties, JudgesFormBeforeRules) {
    EXPECT_EQ(publish_verdict("0101"), success);
    EXPECT_EQ(publish_verdict("0102"), protocol_error);                  // neither 0 nor 1
    EXPECT_EQ(publish_verdict("0101 0101"), protocol_error);             // twice
    EXPECT_EQ(publish_verdict("01"), malformed_packet);                  // cut off
    EXPECT_EQ(publish_verdict("0001"), malformed_packet);                // no such property
    EXPECT_EQ(publish_verdict("0401"), malformed_packet);
    EXPECT_EQ(publish_verdict("FFFFFF7F01"), malformed_packet);
    EXPECT_EQ(publish_verdict("2400"), protocol_error);                  // one of CONNACK
    EXPECT_EQ(publish_verdict("2400 70"), malformed_packet);             // the same, then broken form
    EXPECT_EQ(publish_verdict("0B8000"), malformed_packet);              // longer than needed
    EXPECT_EQ(publish_verdict("0B8080808001"), malformed_packet);        // five bytes
    EXPECT_EQ(publish_verdict("0BFFFFFF7F"), success);
    EXPECT_EQ(publish_verdict("08 0001 23"), protocol_error);            // reply to a wildcard
    EXPECT_EQ(publish_verdict("08 0000"), protocol_error);
    EXPECT_EQ(publish_verdict("03 0001 00"), malformed_packet);          // NUL in text
    EXPECT_EQ(publish_verdict("26 0001 70 0001 71 26 0001 70 0001 71"), success);
    EXPECT_EQ(publish_verdict("26 0001 70"), malformed_packet);
}

TEST(MqttProperties, OnlyAServerRepeatsSubscriptionIdentifiers) {
    EXPECT_EQ(publish_verdict("0B01 0B02"), protocol_error);
    EXPECT_EQ(publish_verdict("0B01 0B02", Sender::server), success);
}

TEST(MqttProperties, FindsValuesByIdentifier) {
    const ByteBuffer block = hex("02 00000009  08 0001 72  09 0002 0001  26 0001 6B 0001 76  26 0001 6B 0001 77");
    const Properties properties{Bytes(block)};
    EXPECT_EQ(properties.number(PropertyId::message_expiry_interval, 1), 9U);
    EXPECT_EQ(properties.number(PropertyId::topic_alias, 42), 42U);
    EXPECT_EQ(properties.text(PropertyId::response_topic), "r");
    EXPECT_EQ(properties.data(PropertyId::correlation_data).size(), 2U);
    EXPECT_FALSE(properties.has(PropertyId::content_type));
    EXPECT_TRUE(properties.text(PropertyId::content_type).empty());

    std::vector<std::string> values;
    PropertyReader reader(properties.block());
    for (Property property; reader.next(property);)
        if (property.id == PropertyId::user_property) values.emplace_back(as_text(property.value));
    EXPECT_EQ(values, (std::vector<std::string>{"v", "w"}));
}

}  // namespace
}  // namespace junctor::mqtt
