#include "connectors/mqtt/publish_template.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/connectors/mqtt/bytes.hpp"

namespace junctor::mqtt {
namespace {

EnvelopePtr message(std::string_view topic, Bytes payload, std::string_view content_type = {}) {
    Draft draft;
    draft.topic = Topic::trusted({}, topic, 0);
    draft.payload = payload;
    if (!content_type.empty()) {
        draft.extras = std::make_unique<Extras>();
        draft.extras->content_type = content_type;
    }
    return Envelope::make(std::move(draft), {});
}

/// The packet, whichever way the template holds it.
ByteBuffer bytes_of(const Template& encoded) {
    ByteBuffer bytes(encoded.prefix().begin(), encoded.prefix().end());
    append(bytes, encoded.body().bytes);
    return bytes;
}

ByteBuffer encoded(const EnvelopePtr& envelope, Version version) {
    Template out;
    encode_publish(*envelope, version, {}, out);
    EXPECT_EQ(publish_size(out, {}), bytes_of(out).size());
    return bytes_of(out);
}

TEST(PublishTemplate, HoldsTheWholePacket) {
    const ByteBuffer payload = wire::hex("68 69");
    EXPECT_EQ(wire::to_hex(encoded(message("a/b", payload), Version::v3_1_1)), "30070003612F626869");
    EXPECT_EQ(wire::to_hex(encoded(message("a/b", payload), Version::v5)), "30080003612F62006869");
    EXPECT_EQ(wire::to_hex(encoded(message("a/b", payload, "x"), Version::v3_1_1)), "30070003612F626869");
    EXPECT_EQ(wire::to_hex(encoded(message("a/b", payload, "x"), Version::v5)), "300C0003612F6204030001786869");
    EXPECT_EQ(wire::to_hex(encoded(message("a", {}), Version::v3_1_1)), "3003000161");
}

TEST(PublishTemplate, SharesALargePayload) {
    const ByteBuffer payload(Template::copy_limit + 1, 7);
    const EnvelopePtr envelope = message("a", payload);
    Template out;
    encode_publish(*envelope, Version::v3_1_1, {}, out);
    EXPECT_EQ(wire::to_hex(out.prefix()), "308402000161");
    EXPECT_EQ(out.body().bytes.data(), envelope->payload().data());
    EXPECT_EQ(out.body().envelope, envelope);
}

TEST(PublishTemplate, IsTheSamePacketOnBothSidesOfEveryLimit) {
    for (const std::size_t topic_size : {127U, 128U, 1'016U, 1'017U, 1'018U, 1'019U, 1'020U, 1'021U, 1'022U, 2'000U}) {
        for (const std::size_t payload_size : {0U, 1U, 119U, 125U, 256U, 257U, 16'384U}) {
            const std::string topic(topic_size, 't');
            const ByteBuffer payload(payload_size, 7);
            const ByteBuffer packet = encoded(message(topic, payload), Version::v5);
            Frame frame;
            ASSERT_EQ(read_head(packet, frame.head), HeadState::complete);
            ASSERT_EQ(frame.head.packet_size(), packet.size());
            frame.body = Bytes(packet).subspan(frame.head.size);
            const Decoded<Publish> publish = decode_publish(frame, Version::v5, Sender::server);
            ASSERT_TRUE(publish);
            EXPECT_EQ(publish->topic, topic);
            EXPECT_TRUE(std::ranges::equal(publish->payload, payload));
        }
    }
}

}  // namespace
}  // namespace junctor::mqtt
