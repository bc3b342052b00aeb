#pragma once

#include <span>

#include "core/ports/gate.hpp"
#include "core/routing/router.hpp"

namespace junctor {

/// Says on `$SYS/sessions/<protocol>/<name or id>/...` who comes, goes and subscribes, in small JSON objects. Built only while
/// somebody on this gateway listens below `$SYS`.
class Presence {
public:
    explicit Presence(Router& router) noexcept : router_(router) {}

    void connected(const Session& session) noexcept {
        if (wanted(session)) publish(session, "connected", {});
    }
    void disconnected(const Session& session, CloseReason reason) noexcept {
        if (wanted(session)) publish(session, "disconnected", reason_text(reason));
    }
    void subscribed(const Session& session, std::span<const SubscribeRequest> requests, std::span<const Errc> codes) noexcept {
        if (wanted(session)) publish(session, "subscribed", filters_text(requests, codes));
    }

private:
    bool wanted(const Session& session) const noexcept { return router_.wanted(session.principal()->tenant, "$SYS"); }
    /// `more` is further members of the object.
    void publish(const Session& session, std::string_view event, const ByteBuffer& more) noexcept;
    static ByteBuffer reason_text(CloseReason reason);
    static ByteBuffer filters_text(std::span<const SubscribeRequest> requests, std::span<const Errc> codes);

    Router& router_;
};

}  // namespace junctor
