#include "core/store/envelope_record.hpp"

#include <algorithm>

#include "core/base/byte_reader.hpp"
#include "core/store/byte_writer.hpp"

namespace junctor {

namespace {

constexpr std::uint8_t version = 1;

enum Flag : std::uint8_t { retain = 1, expires = 2, publisher = 4, extras = 8 };
constexpr std::uint8_t all_flags = retain | expires | publisher | extras;

std::uint8_t flags_of(const Envelope& envelope) noexcept {
    return static_cast<std::uint8_t>((envelope.retain() ? retain : 0) | (envelope.expires() ? expires : 0) |
                                     (envelope.publisher() ? publisher : 0) | (envelope.extras() ? extras : 0));
}

std::uint64_t civil(const ClockPair& clocks, TimePoint time) noexcept {
    return static_cast<std::uint64_t>(clocks.to_wall(time).time_since_epoch().count());
}

WallTime read_civil(ByteReader& reader) noexcept {
    return WallTime(std::chrono::milliseconds(static_cast<std::int64_t>(reader.u64())));
}

std::string read_text16(ByteReader& reader) { return std::string(as_text(reader.take(reader.u16()))); }
std::string read_text32(ByteReader& reader) { return std::string(as_text(reader.take(reader.u32()))); }

void append_publisher(ByteWriter& to, const Principal& principal) {
    to.sized32_of([&] {
        to.u32(principal.tenant.value);
        to.sized32(principal.name);
        to.sized32(principal.tenant_name);
        to.u32(static_cast<std::uint32_t>(principal.groups.size()));
        for (const std::string& group : principal.groups) to.sized32(group);
        for (const auto& [name, value] : principal.attributes) {
            to.sized32(name);
            to.sized32(value);
        }
    });
}

void append_extras(ByteWriter& to, const Extras& extras) {
    to.sized32(extras.content_type);
    to.u32(static_cast<std::uint32_t>(extras.headers.size()));
    for (const Header& header : extras.headers) {
        to.sized32(header.name);
        to.sized32(header.value);
    }
    to.sized16(extras.reply_to);
    to.sized32(extras.correlation);
    to.sized32(extras.dedup_key);
    to.sized32(extras.trace);
    to.sized8(extras.hops);
    to.u8(extras.is_text ? 1 : 0);
}

/// The count is not trusted with memory: each header that is there takes at least eight bytes.
bool read_headers(ByteReader& reader, std::vector<Header>& headers) {
    const std::uint32_t count = reader.u32();
    if (count > reader.rest().size() / 8) return false;
    headers.reserve(count);
    for (std::uint32_t i = 0; i < count; ++i) {
        std::string name = read_text32(reader);
        headers.push_back({std::move(name), read_text32(reader)});
    }
    return true;
}

std::unique_ptr<Extras> read_extras(ByteReader& reader) {
    auto extras = std::make_unique<Extras>();
    extras->content_type = read_text32(reader);
    if (!read_headers(reader, extras->headers)) return nullptr;
    extras->reply_to = read_text16(reader);
    const Bytes correlation = reader.take(reader.u32());
    extras->correlation.assign(correlation.begin(), correlation.end());
    extras->dedup_key = read_text32(reader);
    extras->trace = read_text32(reader);
    extras->hops = as_text(reader.take(reader.u8()));
    extras->is_text = reader.u8() != 0;
    return extras;
}

PrincipalRef read_publisher(Bytes bytes) {
    ByteReader reader(bytes);
    const TenantId tenant{reader.u32()};
    const Ref<Principal> principal(new Principal(tenant, read_text32(reader)));
    principal->tenant_name = read_text32(reader);
    for (std::uint32_t left = reader.u32(); left > 0 && !reader.failed(); --left) principal->groups.push_back(read_text32(reader));
    while (!reader.empty() && !reader.failed()) {
        std::string name = read_text32(reader);
        principal->attributes[std::move(name)] = read_text32(reader);
    }
    return reader.failed() ? nullptr : PrincipalRef(principal);
}

/// What kind of message it is; false where there is no such kind.
bool read_sort(ByteReader& reader, Draft& draft) noexcept {
    const std::uint8_t qos = reader.u8();
    const std::uint8_t kind = reader.u8();
    draft.qos = Qos{qos};
    draft.kind = Kind{kind};
    return draft.qos <= Qos::exactly_once && draft.kind <= Kind::event;
}

MessageId read_id(ByteReader& reader) noexcept {
    MessageId id;
    id.gateway = reader.u32();
    id.core = {reader.u16()};
    id.counter = reader.u64();
    return id;
}

}  // namespace

void append_envelope(ByteBuffer& to, const Envelope& envelope, const ClockPair& clocks) {
    ByteWriter writer(to);
    writer.u8(version);
    writer.u8(flags_of(envelope));
    writer.u8(static_cast<std::uint8_t>(envelope.qos()));
    writer.u8(static_cast<std::uint8_t>(envelope.kind()));
    writer.u32(envelope.id().gateway);
    writer.u16(envelope.id().core.value);
    writer.u64(envelope.id().counter);
    writer.u64(civil(clocks, envelope.published_at()));
    if (envelope.expires()) writer.u64(civil(clocks, envelope.expires_at()));
    writer.u32(envelope.topic().tenant().value);
    writer.sized16(envelope.topic_text());
    if (envelope.publisher()) append_publisher(writer, *envelope.publisher());
    if (envelope.extras()) append_extras(writer, *envelope.extras());
    writer.sized32(envelope.payload());
}

PrincipalRef EnvelopeDecoder::publisher_of(Bytes bytes) noexcept {
    if (!last_publisher_ || !std::equal(bytes.begin(), bytes.end(), last_publisher_bytes_.begin(), last_publisher_bytes_.end())) {
        last_publisher_ = read_publisher(bytes);
        last_publisher_bytes_.assign(bytes.begin(), bytes.end());
    }
    return last_publisher_;
}

EnvelopePtr EnvelopeDecoder::decode(Bytes bytes) noexcept {
    ByteReader reader(bytes);
    if (reader.u8() != version) return nullptr;
    const std::uint8_t flags = reader.u8();
    Draft draft;
    if ((flags & ~all_flags) != 0 || !read_sort(reader, draft)) return nullptr;
    draft.retain = (flags & retain) != 0;
    Envelope::Origin origin{read_id(reader), {}, nullptr, std::min(clocks_.to_monotonic(read_civil(reader)), clocks_.now)};
    if (flags & expires) draft.ttl = clocks_.to_monotonic(read_civil(reader)) - origin.published_at;
    const TenantId tenant{reader.u32()};
    const Result<Topic> topic = Topic::parse(tenant, as_text(reader.take(reader.u16())));
    if (flags & publisher) origin.publisher = publisher_of(reader.take(reader.u32()));
    if (flags & extras) draft.extras = read_extras(reader);
    draft.payload = reader.take(reader.u32());
    const bool complete = (!(flags & publisher) || origin.publisher) && (!(flags & extras) || draft.extras);
    if (!topic || !complete || reader.failed() || !reader.empty()) return nullptr;
    draft.topic = *topic;
    return Envelope::make(std::move(draft), std::move(origin));
}

}  // namespace junctor
