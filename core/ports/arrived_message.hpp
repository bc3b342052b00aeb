#pragma once

#include <memory>
#include <string>

#include "core/ports/backend.hpp"

namespace junctor {

/// A message that a backend has read from its wire, with all that its draft shows. Stays where it is made.
struct ArrivedMessage {
    ArrivedMessage() = default;
    ArrivedMessage(const ArrivedMessage&) = delete;
    ArrivedMessage& operator=(const ArrivedMessage&) = delete;

    Extras& extras() {
        if (!draft.extras) draft.extras = std::make_unique<Extras>();
        return *draft.extras;
    }
    /// False where `text` is no topic.
    bool set_topic(TenantId tenant, std::string text);
    /// Once everything is there: views of what this holds. A reply address that is none goes.
    void finish(std::string_view gateway);

    std::string topic;
    ByteBuffer payload;
    Draft draft;
    SessionId origin;  ///< of `gateway`, when it was the last that the message crossed
};

}  // namespace junctor
