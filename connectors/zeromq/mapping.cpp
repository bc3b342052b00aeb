#include "connectors/zeromq/mapping.hpp"

#include <algorithm>
#include <utility>

namespace junctor::zeromq {

FieldsLimits fields_limits(const Limits& limits) noexcept {
    FieldsLimits fields;
    fields.bytes = std::min(fields.bytes, limits.packet);
    fields.nesting = limits.nesting;
    fields.headers = limits.headers;
    return fields;
}

std::unique_ptr<Extras> extras_of(Fields&& fields) {
    Extras extras;
    extras.content_type = std::move(fields.content_type);
    for (auto& [name, value] : fields.headers) extras.headers.push_back({std::move(name), std::move(value)});
    extras.reply_to = std::move(fields.reply_to);
    extras.correlation = std::move(fields.correlation);
    return extras.empty() ? nullptr : std::make_unique<Extras>(std::move(extras));
}

Result<Draft> draft_of(TenantId tenant, std::string_view topic, Bytes body, Fields&& fields, Kind kind) {
    const Result<Topic> parsed = Topic::parse(tenant, topic);
    if (!parsed) return parsed.error();
    if (!fields.reply_to.empty() && !Topic::parse(tenant, fields.reply_to)) return Errc::bad_request;
    Draft draft;
    draft.topic = *parsed;
    draft.payload = body;
    draft.qos = static_cast<Qos>(fields.qos.value_or(0));
    draft.retain = fields.retain && kind == Kind::publish;
    draft.kind = kind;
    draft.ttl = fields.ttl;
    draft.extras = extras_of(std::move(fields));
    return draft;
}

Fields fields_of(const Extras& extras) {
    Fields fields;
    fields.content_type = extras.content_type;
    for (const Header& header : extras.headers) fields.headers.emplace_back(header.name, header.value);
    fields.reply_to = extras.reply_to;
    fields.correlation = extras.correlation;
    return fields;
}

std::string members_of(const Envelope& envelope, TimePoint now) {
    std::string members;
    if (!envelope.extras() && !envelope.expires()) return members;
    Fields fields = envelope.extras() ? fields_of(*envelope.extras()) : Fields();
    if (envelope.expires()) fields.ttl = std::max(envelope.expires_at() - now, Duration::zero());
    append_members(members, fields);
    return members;
}

std::string members_with(const OwnMembers& own, std::string_view members) {
    Fields fields;
    if (own.qos != Qos::at_most_once) fields.qos = static_cast<std::uint8_t>(own.qos);
    fields.retain = own.retain;
    fields.sequence = own.sequence;
    fields.repeat = own.repeat;
    if (own.place.offset != 0) {
        fields.epoch = own.place.epoch;
        fields.offset = own.place.offset;
    }
    std::string all;
    append_members(all, fields);
    if (!all.empty() && !members.empty()) all.push_back(',');
    return all.append(members);
}

WireVariant members_variant() noexcept {
    static const WireVariant variant{new_wire_family(), 0};
    return variant;
}

void encode_members(const Envelope& envelope, TimePoint now, Template& out) {
    const std::string members = members_of(envelope, now);
    const Bytes bytes = as_bytes(members);
    if (!out.append_prefix(bytes)) out.set_block(Ref<const SharedBytes>(new SharedBytes(ByteBuffer(bytes.begin(), bytes.end()))));
}

std::string_view members_in(const Template& encoded) noexcept {
    return as_text(encoded.body().bytes.empty() ? encoded.prefix() : encoded.body().bytes);
}

std::string reason_text(Errc code, std::string_view reason) {
    return reason.empty() ? make_error_code(code).message() : std::string(reason);
}

}  // namespace junctor::zeromq
