#pragma once

#include "connectors/mqtt/packet.hpp"
#include "core/ports/client.hpp"
#include "core/runtime/blocking_stream.hpp"

namespace junctor::mqtt {

/// The SUBSCRIBE property that asks for a history, and the outcome in SUBACK's.
ByteBuffer to_properties(const HistoryStart& start);
HistoryOutcome to_outcome(const Properties& properties);

/// The properties of a PUBLISH that carries the message.
ByteBuffer to_properties(const ClientMessage& message);
ClientMessage to_client_message(const Publish& publish);

/// `mqtt://host:port`, `mqtts://host`: where to connect. ClientError for what is none.
BlockingStream::Options to_stream_options(const ClientOptions& options);

/// "The server refused ...: not authorized (denied)", with the code as text.
ClientError refusal(const std::string& what, ReasonCode reason, const Properties& properties);

}  // namespace junctor::mqtt
