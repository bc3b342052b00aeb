#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "connectors/zeromq/codec_fields.hpp"
#include "core/model/envelope.hpp"
#include "core/model/errc.hpp"
#include "core/model/limits.hpp"
#include "core/ports/session.hpp"
#include "core/ports/template.hpp"

namespace junctor::zeromq {

FieldsLimits fields_limits(const Limits& limits) noexcept;

/// What of a headers frame belongs to the message itself; null when there is none. Takes the texts out of `fields`.
std::unique_ptr<Extras> extras_of(Fields&& fields);

/// A draft of what `topic`, `body` and the fields say: views of them, which must outlive it. Errc::bad_topic, or
/// Errc::bad_request for a reply address that is no topic.
Result<Draft> draft_of(TenantId tenant, std::string_view topic, Bytes body, Fields&& fields, Kind kind);

/// The members of the headers frame that every receiver of this message sees alike; empty for most messages.
std::string members_of(const Envelope& envelope, TimePoint now);

/// The same behind the members that are the receiver's own.
struct OwnMembers {
    Qos qos = Qos::at_most_once;
    bool retain = false;
    std::uint64_t sequence = 0;
    bool repeat = false;
    HistoryPosition place = {};  ///< offset 0: not shown
};
std::string members_with(const OwnMembers& own, std::string_view members);

/// `members_of` in a fan-out's template: every session of this connector shares one.
WireVariant members_variant() noexcept;
void encode_members(const Envelope& envelope, TimePoint now, Template& out);
std::string_view members_in(const Template& encoded) noexcept;

/// The fields with everything a message carries, for the client side.
Fields fields_of(const Extras& extras);

/// What a peer is told when the gateway could not do as asked: the given reason, or the code's own sentence.
std::string reason_text(Errc code, std::string_view reason);

}  // namespace junctor::zeromq
