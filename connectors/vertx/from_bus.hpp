#pragma once

#include <memory>
#include <string>

#include "core/ports/backend.hpp"

namespace junctor::vertx {

/// A message that the event bus has brought, with what its draft shows. Stays where it is made.
struct FromBus {
    FromBus() = default;
    FromBus(const FromBus&) = delete;
    FromBus& operator=(const FromBus&) = delete;

    Extras& extras() {
        if (!draft.extras) draft.extras = std::make_unique<Extras>();
        return *draft.extras;
    }
    /// False where `text` is no topic.
    bool set_topic(TenantId tenant, std::string text) {
        topic = std::move(text);
        const Result<Topic> parsed = Topic::parse(tenant, topic);
        if (parsed) draft.topic = *parsed;
        return parsed.has_value();
    }
    /// Once everything is there: views of what this holds. A reply address that is none goes.
    void finish(std::string_view gateway);

    std::string topic;
    ByteBuffer payload;
    Draft draft;
    SessionId origin;  ///< of `gateway`, when it was the last that the message crossed
};

}  // namespace junctor::vertx
