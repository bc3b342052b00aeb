#include "core/session/session_record.hpp"

#include "core/base/byte_reader.hpp"
#include "core/store/byte_writer.hpp"
#include "core/store/envelope_record.hpp"

namespace junctor {
namespace {

constexpr std::uint64_t no_ttl = UINT64_MAX;

std::uint64_t number_of(Duration duration) noexcept { return static_cast<std::uint64_t>(duration.count()); }
Duration read_duration(ByteReader& reader) noexcept { return Duration(static_cast<Duration::rep>(reader.u64() & INT64_MAX)); }

void append_principal(ByteWriter& to, const Principal& principal) {
    to.u32(principal.tenant.value);
    to.sized32(principal.name);
    to.u64(principal.expires_at ? static_cast<std::uint64_t>(principal.expires_at->time_since_epoch().count()) : 0);
    to.sized32(principal.tenant_name);
    to.u32(static_cast<std::uint32_t>(principal.groups.size()));
    for (const std::string& group : principal.groups) to.sized32(group);
    to.u32(static_cast<std::uint32_t>(principal.attributes.size()));
    for (const auto& [name, value] : principal.attributes) {
        to.sized32(name);
        to.sized32(value);
    }
}

std::string read_text(ByteReader& reader) { return std::string(as_text(reader.take(reader.u32()))); }

WallTime read_wall(ByteReader& reader) noexcept { return WallTime(std::chrono::milliseconds(static_cast<std::int64_t>(reader.u64()))); }

PrincipalRef read_principal(ByteReader& reader) {
    const TenantId tenant{reader.u32()};
    const Ref<Principal> principal(new Principal(tenant, read_text(reader)));
    const WallTime expires_at = read_wall(reader);
    if (expires_at != WallTime()) principal->expires_at = expires_at;
    principal->tenant_name = read_text(reader);
    for (std::uint32_t left = reader.u32(); left > 0 && !reader.failed(); --left) principal->groups.push_back(read_text(reader));
    for (std::uint32_t left = reader.u32(); left > 0 && !reader.failed(); --left) {
        std::string name = read_text(reader);
        principal->attributes[std::move(name)] = read_text(reader);
    }
    return principal;
}

/// A will lies in the store as the message that it will be, which it shares its fields with.
EnvelopePtr message_of(const Will& will, const PrincipalRef& principal) {
    Draft draft;
    draft.topic = Topic::trusted(principal->tenant, will.topic, 0);
    draft.payload = will.payload;
    draft.qos = will.draft.qos;
    draft.retain = will.draft.retain;
    draft.kind = will.draft.kind;
    if (will.draft.extras) draft.extras = std::make_unique<Extras>(*will.draft.extras);
    return Envelope::make(std::move(draft), {{}, {}, principal, {}});
}

std::unique_ptr<Will> will_of(const Envelope& message) {
    auto will = std::make_unique<Will>();
    will->topic = message.topic_text();
    will->payload.assign(message.payload().begin(), message.payload().end());
    will->draft.qos = message.qos();
    will->draft.retain = message.retain();
    will->draft.kind = message.kind();
    if (message.extras()) will->draft.extras = std::make_unique<Extras>(*message.extras());
    return will;
}

}  // namespace

void append_will(ByteBuffer& to, const Will& will, const PrincipalRef& principal, const ClockPair& clocks) {
    ByteWriter writer(to);
    writer.u64(number_of(will.delay));
    writer.u64(will.draft.ttl ? number_of(*will.draft.ttl) : no_ttl);
    append_envelope(to, *message_of(will, principal), clocks);
}

std::optional<std::pair<std::unique_ptr<Will>, PrincipalRef>> decode_will(Bytes bytes, const ClockPair& clocks) {
    ByteReader reader(bytes);
    const Duration delay = read_duration(reader);
    const std::uint64_t ttl = reader.u64();
    const EnvelopePtr message = EnvelopeDecoder(clocks).decode(reader.rest());
    if (!message || !message->publisher()) return std::nullopt;
    std::unique_ptr<Will> will = will_of(*message);
    will->delay = delay;
    if (ttl != no_ttl) will->draft.ttl = Duration(static_cast<Duration::rep>(ttl & INT64_MAX));
    return std::pair(std::move(will), message->publisher());
}

void append_session(ByteBuffer& to, const SessionRecord& record, const ClockPair& clocks) {
    ByteWriter writer(to);
    writer.sized32(record.name);
    writer.sized32(record.protocol);
    append_principal(writer, *record.principal);
    writer.u64(number_of(record.expiry));
    writer.u64(record.detached_at ? static_cast<std::uint64_t>(record.detached_at->time_since_epoch().count()) : 0);
    writer.u64(record.epoch);
    writer.u64(record.reserved);
    if (record.will) append_will(to, *record.will, record.principal, clocks);
}

std::optional<SessionRecord> decode_session(Bytes bytes, const ClockPair& clocks) {
    ByteReader reader(bytes);
    SessionRecord record;
    record.name = read_text(reader);
    record.protocol = read_text(reader);
    record.principal = read_principal(reader);
    record.expiry = read_duration(reader);
    const WallTime detached_at = read_wall(reader);
    if (detached_at != WallTime()) record.detached_at = detached_at;
    record.epoch = reader.u64();
    record.reserved = reader.u64();
    if (reader.failed() || record.name.empty()) return std::nullopt;
    if (reader.empty()) return record;
    auto will = decode_will(reader.rest(), clocks);
    if (!will) return std::nullopt;
    record.will = std::move(will->first);
    return record;
}

void append_subscription(ByteBuffer& to, const SubscribeOptions& options) {
    ByteWriter writer(to);
    writer.u32(options.subscription_id);
    writer.u8(static_cast<std::uint8_t>(static_cast<unsigned>(options.max_qos) | (options.no_local ? 4U : 0U) |
                                        (options.retain_as_published ? 8U : 0U)));
}

std::optional<SubscribeOptions> decode_subscription(Bytes bytes) noexcept {
    ByteReader reader(bytes);
    SubscribeOptions options;
    options.subscription_id = reader.u32();
    const std::uint8_t bits = reader.u8();
    if (reader.failed() || !reader.empty() || (bits & 3) > 2 || bits > 15) return std::nullopt;
    options.max_qos = Qos{static_cast<std::uint8_t>(bits & 3)};
    options.no_local = (bits & 4) != 0;
    options.retain_as_published = (bits & 8) != 0;
    options.retain_handling = RetainHandling::never;
    return options;
}

void append_queued(ByteBuffer& to, const QueuedRecord& record) {
    ByteWriter writer(to);
    writer.u64(record.message);
    writer.u8(static_cast<std::uint8_t>(static_cast<unsigned>(record.qos) | (record.retain ? 4U : 0U) | (record.received ? 8U : 0U) |
                                        (record.group.empty() ? 0U : 16U)));
    if (!record.group.empty()) writer.sized32(record.group);
    for (const std::uint32_t id : record.subscription_ids) writer.u32(id);
}

std::optional<QueuedRecord> decode_queued(Bytes bytes) {
    ByteReader reader(bytes);
    QueuedRecord record;
    record.message = reader.u64();
    const std::uint8_t bits = reader.u8();
    const bool known = (bits & 3) != 0 && (bits & 3) != 3 && bits <= 31;
    if ((bits & 16) != 0) record.group = read_text(reader);
    if (reader.failed() || !known || reader.rest().size() % 4 != 0) return std::nullopt;
    record.qos = Qos{static_cast<std::uint8_t>(bits & 3)};
    record.retain = (bits & 4) != 0;
    record.received = (bits & 8) != 0;
    while (!reader.empty()) record.subscription_ids.push_back(reader.u32());
    return record;
}

}  // namespace junctor
