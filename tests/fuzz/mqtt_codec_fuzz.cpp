#include <cstdlib>

#include "connectors/mqtt/codec.hpp"

using namespace junctor;

namespace {

/// Walks everything that a decoded packet promises to hold.
void touch(const mqtt::Packet& packet) {
    if (const auto* subscribe = std::get_if<mqtt::Subscribe>(&packet)) {
        mqtt::Filters filters = subscribe->filters;
        for (mqtt::Filter filter; filters.next(filter);)
            if (filter.text.empty()) std::abort();
        if (filters.failed()) std::abort();
    }
    if (const auto* publish = std::get_if<mqtt::Publish>(&packet)) {
        mqtt::PropertyReader reader(publish->properties.block());
        for (mqtt::Property property; reader.next(property);) continue;
        if (reader.failed()) std::abort();
    }
}

/// What was decoded must encode, and decode again to the same bytes.
void round_trip(const mqtt::Packet& packet, mqtt::Version version, mqtt::Sender sender) {
    ByteBuffer first;
    mqtt::encode(packet, version, first);
    mqtt::Frame frame;
    if (mqtt::read_head(first, frame.head) != mqtt::HeadState::complete) std::abort();
    frame.body = Bytes(first).subspan(frame.head.size);
    const mqtt::Decoded<mqtt::Packet> again = mqtt::decode(frame, version, sender);
    if (!again) std::abort();
    ByteBuffer second;
    mqtt::encode(*again, version, second);
    if (first != second) std::abort();
}

}  // namespace

/// The first byte chooses version and sender; then packets follow each other as on a stream.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    constexpr mqtt::Version versions[] = {mqtt::Version::v3_1, mqtt::Version::v3_1_1, mqtt::Version::v5, mqtt::Version::v5};
    const mqtt::Sender sender = (data[0] & 4) != 0 ? mqtt::Sender::server : mqtt::Sender::client;
    mqtt::Version version = versions[data[0] & 3];
    Bytes rest{data + 1, size - 1};
    mqtt::Frame frame;
    while (mqtt::read_head(rest, frame.head) == mqtt::HeadState::complete && frame.head.packet_size() <= rest.size()) {
        frame.body = rest.subspan(frame.head.size, frame.head.remaining);
        rest = rest.subspan(frame.head.packet_size());
        const mqtt::Decoded<mqtt::Packet> packet = mqtt::decode(frame, version, sender);
        if (!packet) continue;
        if (const auto* connect = std::get_if<mqtt::Connect>(&*packet)) version = connect->version;
        touch(*packet);
        round_trip(*packet, version, sender);
    }
    return 0;
}
