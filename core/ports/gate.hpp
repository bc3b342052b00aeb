#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>

#include "core/model/envelope.hpp"
#include "core/model/topic_filter.hpp"
#include "core/model/verdict.hpp"
#include "core/ports/authenticator.hpp"
#include "core/ports/session.hpp"

namespace junctor {

struct SubscribeRequest {
    TopicFilter filter;
    SubscribeOptions options;
};

/// THE door: nothing reaches the router except through it. policy/ implements it, one per core, called only on that core.
///
/// Every question with a token is answered by exactly one `Session::settled` (or `answered`), perhaps before the call returns,
/// unless the session is closed first. Token 0 asks for no answer; denials are counted all the same.
class Gate {
public:
    virtual ~Gate() = default;

    /// Finds out who somebody is. `done` is called exactly once per step, perhaps before this returns, never after the
    /// returned conversation is destroyed; destroying it cancels. May return null when the answer was given at once.
    virtual std::unique_ptr<Authentication> authenticate(Credentials credentials, AuthenticationDone done) = 0;

    /// May this principal use topics and sessions at all? Then `session` enters the table of this core, a live session of the
    /// same tenant and name is closed as `taken_over`, and a connect event goes out. The session has its principal by then,
    /// and a named one is on its home core. Errc::denied, Errc::overloaded otherwise.
    virtual Result<void> open(Session& session) noexcept = 0;

    /// Ends what `open` began: subscriptions, pending requests and the table entry go, a disconnect event goes out.
    virtual void close(Session& session, CloseReason reason) noexcept = 0;

    virtual void publish(Session& from, Draft&& draft, Token token) noexcept = 0;

    /// Publishes with a reply address the gate makes (`$inbox/...`; the draft's own reply address, if any, is kept out of the
    /// wire and restored in the answer). Exactly one `answered`, or one `settled` with the reason (denied, no_receivers, timed_out).
    virtual void request(Session& from, Draft&& draft, Duration timeout, Token token) noexcept = 0;

    /// Settles when every core and the backend have confirmed, with one code per filter; retained messages follow it.
    /// A filter that this session holds already gets the new options.
    virtual void subscribe(Session& by, std::span<const SubscribeRequest> requests, Token token) noexcept = 0;

    /// Settles with Errc::ok or Errc::bad_filter (was not subscribed) per filter.
    virtual void unsubscribe(Session& by, std::span<const TopicFilter> filters, Token token) noexcept = 0;

    /// Hands the current retained messages under `filter` to `each`, before this returns, newest rights applied; at most `most`.
    virtual Result<std::size_t> retained(Session& by, const TopicFilter& filter, std::size_t most,
                                         const std::function<void(const EnvelopePtr&)>& each) noexcept = 0;
};

}  // namespace junctor
