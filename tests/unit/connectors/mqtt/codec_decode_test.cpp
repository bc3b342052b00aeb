#include <gtest/gtest.h>

#include "tests/unit/connectors/mqtt/bytes.hpp"

namespace junctor::mqtt {
namespace {

using wire::frame_of;
using wire::hex;
using enum ReasonCode;

ReasonCode verdict(const char* text, Version version, Sender sender = Sender::client) {
    const ByteBuffer bytes = hex(text);
    const Decoded<Packet> decoded = decode(frame_of(bytes), version, sender);
    return decoded ? success : decoded.error();
}

struct Row {
    const char* bytes;
    ReasonCode expected;
};

TEST(MqttDecode, JudgesConnects) {
    const Row rows[] = {
        {"10 0D 0004 4D515454 04 02 000A 0001 70", success},
        {"10 0F 0006 4D5149736470 03 03 000A 0001 70", success},               // 3.1 with its undefined bit set
        {"14 0F 0006 4D5149736470 03 02 000A 0001 70", success},               // and flags in its fixed header
        {"14 0D 0004 4D515454 04 02 000A 0001 70", malformed_packet},          // 3.1.1: reserved flags
        {"10 0D 0004 4D515454 06 02 000A 0001 70", unsupported_protocol_version},
        {"10 0F 0006 4D5149736470 04 02 000A 0001 70", unsupported_protocol_version},
        {"10 0D 0004 4D515455 04 02 000A 0001 70", malformed_packet},          // another name
        {"10 0D 0004 4D515454 04 03 000A 0001 70", malformed_packet},          // reserved connect flag
        {"10 0D 0004 4D515454 04 0A 000A 0001 70", malformed_packet},          // will QoS without will
        {"10 0D 0004 4D515454 04 22 000A 0001 70", malformed_packet},          // will retain without will
        {"10 13 0004 4D515454 04 1E 000A 0001 70 0001 70 0001 70", malformed_packet},  // will QoS 3
        {"10 13 0004 4D515454 04 06 000A 0001 70 0001 23 0001 70", malformed_packet},  // will to a wildcard
        {"10 10 0004 4D515454 04 42 000A 0001 70 0001 70", malformed_packet},  // 3.1.1: password without user
        {"10 11 0004 4D515454 05 42 000A 00 0001 70 0001 70", success},        // 5.0 allows it
        {"10 0D 0004 4D515454 04 82 000A 0001 70", malformed_packet},          // user missing
        {"10 10 0004 4D515454 04 02 000A 0001 70 0001 70", malformed_packet},  // bytes left over
        {"10 0A 0004 4D515454 04 02 000A", malformed_packet},
        {"10 13 0004 4D515454 05 02 000A 05 16 0002 6464 0001 70", protocol_error},  // data without method
        {"10 10 0004 4D515454 05 02 000A 03 21 0000 0000", protocol_error},          // receive maximum 0
        {"10 10 0004 4D515454 05 02 000A 03 13 0000 0000", protocol_error},          // a server's property
    };
    for (const Row& row : rows) EXPECT_EQ(verdict(row.bytes, Version::v3_1_1), row.expected) << row.bytes;
}

TEST(MqttDecode, JudgesPackets) {
    const Row rows[] = {
        {"30 05 0001 70 00 41", success},
        {"30 03 0000 00", malformed_packet},             // no topic, no alias
        {"30 06 0000 03 230001", success},               // alias instead
        {"30 05 0001 2B 00 41", malformed_packet},       // wildcard
        {"38 05 0001 70 00 41", malformed_packet},       // QoS 0 repeated
        {"36 07 0001 70 0001 00 41", malformed_packet},  // QoS 3
        {"32 06 0001 70 0000 00", protocol_error},       // identifier 0
        {"32 04 0001 70 00", malformed_packet},
        {"40 02 0001", success},
        {"40 02 0000", protocol_error},
        {"40 03 0001 FF", protocol_error},               // not a reason of PUBACK
        {"42 02 0001", malformed_packet},
        {"40 05 0001 00 00 00", malformed_packet},       // bytes left over
        {"62 03 0001 92", success},
        {"60 02 0001", malformed_packet},
        {"62 03 0001 80", protocol_error},
        {"82 07 1234 00 0001 70 00", success},
        {"80 07 1234 00 0001 70 00", malformed_packet},
        {"82 03 1234 00", malformed_packet},             // no filter
        {"82 06 1234 00 0000 00", malformed_packet},     // empty filter
        {"82 07 1234 00 0001 70 03", malformed_packet},  // QoS 3
        {"82 07 1234 00 0001 70 30", malformed_packet},  // retain handling 3
        {"82 07 1234 00 0001 70 40", malformed_packet},  // reserved
        {"82 07 0000 00 0001 70 00", protocol_error},
        {"A2 06 1234 00 0001 70", success},
        {"A2 03 1234 00", malformed_packet},
        {"C0 00", success},
        {"C0 01 00", malformed_packet},
        {"C1 00", malformed_packet},
        {"E0 00", success},
        {"E0 02 82 00", success},
        {"E1 00", malformed_packet},
        {"F0 00", success},
        {"00 00", protocol_error},
        {"20 03 00 00 00", protocol_error},  // what only a server sends
        {"90 04 1234 00 00", protocol_error},
        {"B0 04 1234 00 00", protocol_error},
        {"D0 00", protocol_error},
    };
    for (const Row& row : rows) EXPECT_EQ(verdict(row.bytes, Version::v5), row.expected) << row.bytes;
}

TEST(MqttDecode, JudgesPacketsOfTheOlderVersions) {
    const Row rows[] = {
        {"40 03 0001 00", malformed_packet},           // no reasons before 5.0
        {"E0 01 00", malformed_packet},
        {"82 06 1234 0001 70 04", malformed_packet},   // no options before 5.0
        {"F0 00", protocol_error},
        {"8A 06 1234 0001 70 01", malformed_packet},   // 3.1.1 does not repeat SUBSCRIBE
    };
    for (const Row& row : rows) EXPECT_EQ(verdict(row.bytes, Version::v3_1_1), row.expected) << row.bytes;
    EXPECT_EQ(verdict("8A 06 1234 0001 70 01", Version::v3_1), success);
}

TEST(MqttDecode, RefusesAServersPacketsFromAClientAndTheReverse) {
    for (const char* bytes : {"10 0D 0004 4D515454 04 02 000A 0001 70", "82 06 1234 0001 70 00", "A2 05 1234 0001 70", "C0 00"})
        EXPECT_EQ(verdict(bytes, Version::v3_1_1, Sender::server), protocol_error) << bytes;
}

TEST(MqttDecode, ReadsEveryFieldOfAConnect) {
    const ByteBuffer bytes = hex("10 22 0004 4D515454 05 EE 003C 05 11 00000001 0001 63 02 01 01 0001 74 0001 6D 0001 75 0001 70");
    const Decoded<Connect> connect = decode_connect(frame_of(bytes));
    ASSERT_TRUE(connect);
    EXPECT_EQ(connect->version, Version::v5);
    EXPECT_TRUE(connect->clean_start);
    EXPECT_EQ(connect->keep_alive_s, 60);
    EXPECT_EQ(connect->client_id, "c");
    EXPECT_EQ(connect->properties.number(PropertyId::session_expiry_interval, 9), 1U);
    ASSERT_TRUE(connect->will);
    EXPECT_EQ(connect->will->topic, "t");
    EXPECT_EQ(connect->will->qos, 1);
    EXPECT_TRUE(connect->will->retain);
    EXPECT_EQ(connect->will->properties.number(PropertyId::payload_format_indicator, 0), 1U);
    EXPECT_EQ(connect->user, "u");
    EXPECT_EQ(as_text(*connect->password), "p");
}

TEST(MqttDecode, ReadsFiltersWithTheirOptions) {
    const ByteBuffer bytes = hex("82 0C 0001 00 0001 61 2D 0002 622F 02");
    const Decoded<Subscribe> subscribe = decode_subscribe(frame_of(bytes), Version::v5);
    ASSERT_TRUE(subscribe);
    Filters filters = subscribe->filters;
    Filter filter;
    ASSERT_TRUE(filters.next(filter));
    EXPECT_EQ(filter.text, "a");
    EXPECT_EQ(filter.qos(), 1);
    EXPECT_TRUE(filter.no_local());
    EXPECT_TRUE(filter.retain_as_published());
    EXPECT_EQ(filter.retain_handling(), 2);
    ASSERT_TRUE(filters.next(filter));
    EXPECT_EQ(filter.text, "b/");
    EXPECT_EQ(filter.qos(), 2);
    EXPECT_FALSE(filters.next(filter));
    EXPECT_FALSE(filters.failed());
}

}  // namespace
}  // namespace junctor::mqtt
