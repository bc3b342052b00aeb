#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "connectors/mqtt/packet.hpp"
#include "core/model/close_reason.hpp"
#include "core/model/envelope.hpp"
#include "core/model/errc.hpp"
#include "core/model/history_page.hpp"
#include "core/ports/session.hpp"

namespace junctor::mqtt {

/// What MQTT says where the gateway says something else. Pure; README.md shows it as a table.

/// The reason of a DISCONNECT that the gateway sends (5.0 section 3.14.2.1).
ReasonCode to_disconnect_reason(CloseReason reason) noexcept;
/// Why the gateway closes when it has found `reason` in what the client sent.
CloseReason to_close_reason(ReasonCode reason) noexcept;

/// A refusal in CONNACK: a reason code in 5.0, one of the five return codes before (3.1.1 section 3.2.2.3).
std::uint8_t to_connack_code(ReasonCode reason, Version version) noexcept;
/// Why a session was not opened.
ReasonCode to_connack_reason(Errc code) noexcept;

/// The reason in PUBACK and PUBREC; only values that they may carry.
ReasonCode to_publish_reason(Errc code) noexcept;
/// Why a filter was refused in SUBACK; `shared`: it names a group.
ReasonCode to_subscribe_reason(Errc code, bool shared = false) noexcept;
ReasonCode to_unsubscribe_reason(Errc code) noexcept;
/// One code of SUBACK: 3.1.1 knows a granted QoS and 0x80.
std::uint8_t to_suback_code(ReasonCode reason, Version version) noexcept;

/// Whether a 3.1.1 publisher may be told that its message was taken. Those versions cannot say no: a message that the policy refused
/// is acknowledged (3.1.1 section 3.3.5); one that may succeed later is not, and the connection ends instead.
bool is_final_for_old_clients(Errc code) noexcept;

/// Header names with a place of their own in the envelope.
inline constexpr std::string_view trace_header = "traceparent";
/// Whom the message has crossed, of a bridge that publishes here; the gate believes only those who have the right to be one.
inline constexpr std::string_view hops_property = "junctor-hops";

/// The draft's fields that come from properties, of a PUBLISH or a will. Errc::quota_exceeded over `most_headers` user properties,
/// Errc::bad_topic for a reply address that is none.
Errc read_properties_into(Draft& draft, const Properties& properties, std::uint32_t most_headers);

SubscribeOptions to_options(const Filter& filter, const Properties& properties, Version version) noexcept;

/// The user property about histories: in SUBSCRIBE `first`, `now` or a position, from where on; in PUBLISH the message's position, for
/// clients that have asked; in SUBACK, for each filter, how much of what was asked is there.
inline constexpr std::string_view history_property = "junctor-history";

/// What a SUBSCRIBE asks of the history; nothing where it does not. Errc::bad_request for a value that means nothing.
Result<std::optional<HistoryStart>> to_history_start(const Properties& properties) noexcept;
/// `exact <position>`, `gap <position>` or `none`.
std::string to_text(const HistoryOutcome& outcome);

/// `$share/...` (5.0 section 4.8.2).
bool is_shared(std::string_view filter) noexcept;
/// `$share/name/filter` with a name and a filter in it.
bool is_well_formed_shared(std::string_view filter) noexcept;

/// The properties of a message on its way out, with the seconds it has left, and where asked for its position; nothing for most.
ByteBuffer to_properties(const Envelope& envelope, TimePoint now, bool with_position = false);

}  // namespace junctor::mqtt
