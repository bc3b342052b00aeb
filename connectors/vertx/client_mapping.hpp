#pragma once

#include <string>

#include "connectors/vertx/backend_mapping.hpp"
#include "core/ports/client.hpp"
#include "core/runtime/blocking_stream.hpp"

namespace junctor::vertx {

/// Where a `vertx://` or `vertxs://` URL leads. ClientError.
BlockingStream::Options to_stream_options(const ClientOptions& options);

/// The address of a topic, or of a filter that is one. ClientError for any other, wildcards above all.
std::string address_for(const std::string& topic);

/// A message with what its frame shows.
struct SentMessage {
    EnvelopePtr envelope;
    OnBus on;  ///< body and headers
};

/// ClientError for what Vert.x cannot carry.
SentMessage to_frame(const ClientMessage& message);

/// What the server delivers. ClientError where its body is not what its headers say.
ClientMessage from_frame(const Frame& frame);

}  // namespace junctor::vertx
