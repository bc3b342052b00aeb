#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "core/model/envelope.hpp"

namespace junctor::test {

/// One of everything that a message may have besides its payload, some of it awkward: for whoever writes messages in another form.
inline std::unique_ptr<Extras> rich_extras() {
    auto extras = std::make_unique<Extras>();
    extras->content_type = "text/plain";
    extras->headers = {{"k", "1"}, {"timeout", "5"}, {"k", "2"}, {"junctor-hops", "forged"}};
    extras->reply_to = "answers";
    extras->correlation = {0, 255};
    extras->trace = "00-1-2-3";
    extras->is_text = true;
    extras->hops = "far";
    return extras;
}

/// Makes requests of QoS 1 to `a/b` that were published at `now`.
struct MessageMaker {
    EnvelopePtr envelope(std::string_view payload, std::unique_ptr<Extras> extras = {}, std::optional<Duration> ttl = {}, SessionId origin = {},
                         TenantId tenant = {}) const {
        Draft draft;
        draft.topic = *Topic::parse(tenant, "a/b");
        draft.payload = as_bytes(payload);
        draft.ttl = ttl;
        draft.kind = Kind::request;
        draft.qos = Qos::at_least_once;
        draft.extras = std::move(extras);
        return Envelope::make(std::move(draft), {{}, origin, nullptr, now});
    }

    const TimePoint now{std::chrono::hours(1)};
};

}  // namespace junctor::test
