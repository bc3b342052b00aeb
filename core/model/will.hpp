#pragma once

#include <string>

#include "core/base/bytes.hpp"
#include "core/model/envelope.hpp"

namespace junctor {

/// A message that a session leaves behind, to be published when its connection ends without a goodbye.
struct Will {
    std::string topic;
    ByteBuffer payload;
    Draft draft;                         ///< everything but topic and payload, which it must not point to
    Duration delay = Duration::zero();   ///< after the connection's end; the end of the session comes first if it is sooner

    Will() = default;
};

}  // namespace junctor
