#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "connectors/websocket/codec.hpp"
#include "connectors/websocket/settings.hpp"
#include "core/model/close_reason.hpp"
#include "core/model/cloud_event.hpp"
#include "core/model/envelope.hpp"
#include "core/model/errc.hpp"
#include "core/model/history_page.hpp"
#include "core/ports/authenticator.hpp"
#include "core/ports/http.hpp"

namespace junctor::websocket {

/// The draft of a publish, send, request or reply; its payload is a view of the operation's. A reply goes to its `reply_to`.
/// Errc::bad_topic where the topic or reply address is none.
Result<Draft> draft_of(const Operation& operation, TenantId tenant);

/// The same with the operation's CloudEvent, whose data the draft shows: `event` must outlive it.
Result<Draft> draft_of(const Operation& operation, TenantId tenant, CloudEvent& event);

/// How a message shows itself to a client; views of the envelope. QoS and the retain flag are the receiver's own: left out.
Message message_of(const Envelope& envelope, TimePoint now);

/// A message as a CloudEvent, which is written into `event` and must outlive what is returned. `wall`: the civil time at `now`.
Message event_of(const Envelope& envelope, TimePoint now, WallTime wall, ByteBuffer& event);

/// An array of `message` objects, each with its place.
void append_messages(ByteBuffer& to, const HistoryPage& page, TimePoint now);

/// Where a subscribe or history begins; nothing where it does not say. A `history` that does not say begins with the first.
std::optional<HistoryStart> start_of(const Operation& operation) noexcept;

/// The error code under which a bad frame is answered.
Errc errc_of(FaultKind kind) noexcept;

/// What was wrong with a frame, with the nearest valid name.
std::string sentence_of(const Fault& fault);

/// What an upgrade request shows of its sender: the peer and its certificate, `Authorization`, the cookie that the settings name, or a
/// token among the subprotocols. Errc::bad_request for an Authorization that cannot be read.
Result<Credentials> credentials_of(const HttpRequest& request, const Settings& settings);
/// The same of an `auth` frame, which counts instead.
Credentials credentials_of(const Operation& auth, const Peer& peer, const Settings& settings);

/// Whether the end of a connection is told in an `error` frame before the close frame, with the reason's name as its code.
bool told_before_close(CloseReason reason) noexcept;

}  // namespace junctor::websocket
