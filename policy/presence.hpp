#pragma once

#include <optional>
#include <span>
#include <string>

#include "core/ports/gate.hpp"
#include "core/routing/router.hpp"
#include "core/session/durable_session.hpp"

namespace junctor {

/// Says on `$SYS/sessions/<protocol>/<name or id>/...` who comes, goes and subscribes, in small JSON objects. Built only while
/// somebody on this gateway listens below `$SYS`.
class Presence {
public:
    explicit Presence(Router& router) noexcept : router_(router) {}

    void connected(const Session& session) noexcept {
        if (wanted(session)) publish(session, "connected", {});
    }
    /// Leaves the table by `leave()` first: the session does not hear of its own end.
    template <class Leave>
    void disconnected(const Session& session, CloseReason reason, Leave&& leave) noexcept {
        const std::optional<Event> event = wanted(session) ? make(session, "disconnected", reason_text(reason)) : std::nullopt;
        leave();
        if (event) send(*event);
    }
    /// A durable session has ended while nobody was connected.
    void expired(const Session& session) noexcept {
        if (wanted(session)) publish(session, "expired", {});
    }
    /// A message for a durable session was given up: it goes to `$SYS/dead-letters/<session>`.
    void lost(const Session& session, const Envelope& envelope, Loss loss) noexcept;
    void subscribed(const Session& session, std::span<const SubscribeRequest> requests, std::span<const Errc> codes) noexcept {
        if (wanted(session)) publish(session, "subscribed", filters_text(requests, codes));
    }
    /// Of what it asked to leave, whether it had it or not.
    void unsubscribed(const Session& session, std::span<const TopicFilter> filters) noexcept {
        if (wanted(session)) publish(session, "unsubscribed", filters_text(filters));
    }

private:
    struct Event {
        TenantId tenant;
        std::string topic;
        ByteBuffer payload;
    };

    bool wanted(const Session& session) const noexcept { return router_.wanted(session.principal()->tenant, "$SYS"); }
    void publish(const Session& session, std::string_view event, const ByteBuffer& more) noexcept {
        if (const std::optional<Event> made = make(session, event, more)) send(*made);
    }
    /// `more` is further members of the object. Nothing for a name so long that no topic holds it.
    static std::optional<Event> make(const Session& session, std::string_view event, const ByteBuffer& more);
    void send(const Event& event) noexcept;
    static ByteBuffer reason_text(CloseReason reason);
    static ByteBuffer filters_text(std::span<const SubscribeRequest> requests, std::span<const Errc> codes);
    static ByteBuffer filters_text(std::span<const TopicFilter> filters);

    Router& router_;
};

}  // namespace junctor
