#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "core/model/envelope.hpp"
#include "core/model/topic_filter.hpp"
#include "core/model/verdict.hpp"
#include "core/model/will.hpp"
#include "core/ports/authenticator.hpp"
#include "core/ports/session.hpp"

namespace junctor {

struct SubscribeRequest {
    TopicFilter filter;
    SubscribeOptions options;
    /// What the history has kept from here on comes first, in order, then what is published: nothing between is missing or comes
    /// twice. `Receipt::history` tells whether all of it is there. No retained messages then, unless it begins now.
    std::optional<HistoryStart> start = {};
};

/// What a named session asks for beyond its connection.
struct SessionTerms {
    Duration expiry = Duration::zero();  ///< how long it outlives its connection; zero: not at all; Duration::max(): for ever
    bool clean_start = true;             ///< what is kept under its name is discarded first
    bool spares_kept = false;            ///< where something is kept under its name, it does not open: Errc::name_kept

    bool durable() const noexcept { return expiry > Duration::zero(); }
};

/// What `Gate::open` found.
struct Opened {
    bool resumed = false;                    ///< subscriptions and queue of an earlier connection are there
    std::uint64_t epoch = 0;                 ///< of a durable session: names this life of it, within which sequences mean what they do
    std::vector<std::uint16_t> unreleased;   ///< `Draft::exactly_once_id`s that still wait for `Gate::release`
};

/// How far the client has come with a delivery of a durable session.
enum class Progress : std::uint8_t {
    received,    ///< it has a QoS 2 message (PUBREC): it gets no second copy. `Session::released` follows when that stands durably
    done,        ///< this one is finished: it leaves the queue
    done_up_to,  ///< this one and all before it
};

/// Somebody waits for a verdict; destroying this ends it. What has come is known at least until then, however short it holds.
class VerdictWait {
public:
    virtual ~VerdictWait() = default;
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

    /// May somebody do this who is no session: a caller of the admin API, whose path is the object. `done` is called once, on this core, perhaps before this returns.
    virtual void ask(PrincipalRef who, Verb verb, std::string_view object, std::function<void(Verdict)> done) = 0;

    /// Some verdicts come from elsewhere. Calls `then` once when they are there for what is to follow at once: `open` (Verb::connect,
    /// no object; whoever vouched for it is asked again where that is in doubt), `retained` (Verb::subscribe, the filter), `set_will` (Verb::publish, its topic). Those do not wait: what is not
    /// known by then is denied. `who` need not be open, and outlives the wait. Perhaps before this returns, and then the answer is null.
    virtual std::unique_ptr<VerdictWait> when_known(Session&, Verb, std::string_view, std::function<void()> then) {
        then();
        return nullptr;
    }

    /// May this principal use topics and sessions at all? Then `session` enters the table of this core, a live session of the
    /// same tenant and name is closed as `taken_over`, and a connect event goes out. The session has its principal by then,
    /// and a named one is on its home core. Errc::denied, Errc::overloaded, Errc::name_kept otherwise.
    ///
    /// With durable terms (only a named session), subscriptions, messages of QoS 1 and 2 and the will outlive the connection. Each
    /// such message then comes as a `Delivery` with a sequence, only while `Session::accepts` says so, and the session answers it
    /// by `acknowledge`. Nothing kept is delivered before the first `ready`, so that the session can greet its client first.
    virtual Result<Opened> open(Session& session, const SessionTerms& terms) noexcept = 0;

    /// Who it is has shown that again, in place: from now on this is what is known of it, with other groups, claims or time perhaps. What
    /// that does not allow any more ends. Errc::denied, and nothing has changed: somebody else, or somebody who may not be here.
    virtual Result<void> renew(Session& session, PrincipalRef principal) noexcept = 0;

    /// Another expiry from now on (MQTT 5.0 section 3.14.2.2.2); zero ends a durable session with its connection.
    virtual void change_expiry(Session& session, Duration expiry) noexcept = 0;

    /// Ends what `open` began. Without durable terms subscriptions, pending requests and the table entry go; with them they stay,
    /// and messages wait. A disconnect event goes out, and the will, when it is due.
    virtual void close(Session& session, CloseReason reason) noexcept = 0;

    /// What to publish when the session's connection ends; null: nothing (any more). Judged as a publish now and again when it is
    /// due. Errc::denied, Errc::bad_topic: not taken.
    virtual Result<void> set_will(Session& session, std::unique_ptr<Will> will) noexcept = 0;

    /// The session can take deliveries again that `Session::accepts` refused, or its first ones.
    virtual void ready(Session& session) noexcept = 0;

    /// What the client did with the delivery of that sequence. One that is not outstanding is ignored.
    virtual void acknowledge(Session& by, std::uint64_t sequence, Progress progress) noexcept = 0;

    /// The client knows that its message is here (PUBREL): the id may come again for another one. Settles when that stands
    /// durably. Only for a durable session.
    virtual void release(Session& by, std::uint16_t exactly_once_id, Token token) noexcept = 0;

    /// A draft whose `exactly_once_id` waits for its release already is not published again: it settles with Errc::ok when the first
    /// one stands durably. An id whose publish settles with an error is the session's to release at once (token 0).
    virtual void publish(Session& from, Draft&& draft, Token token) noexcept = 0;

    /// Publishes with a reply address the gate makes (`$inbox/...`; the draft's own reply address, if any, is kept out of the
    /// wire and restored in the answer). Exactly one `answered`, or one `settled` with the reason (denied, no_receivers, timed_out).
    virtual void request(Session& from, Draft&& draft, Duration timeout, Token token) noexcept = 0;

    /// Settles when every core and the backend have confirmed, with one code per filter; retained messages follow it.
    /// A filter that this session holds already gets the new options, and with a `start` begins anew. To begin in the past needs the
    /// right to `history` as well. A session that takes it so slowly that messages leave the history first is closed as `slow_consumer`.
    virtual void subscribe(Session& by, std::span<const SubscribeRequest> requests, Token token) noexcept = 0;

    /// Settles with Errc::ok or Errc::bad_filter (was not subscribed) per filter.
    virtual void unsubscribe(Session& by, std::span<const TopicFilter> filters, Token token) noexcept = 0;

    /// Reads a part of a history without subscribing; needs the right to `history`. Ends in one `Session::history_read`.
    virtual void history(Session& by, const HistoryQuestion& question, Token token) noexcept = 0;

    /// Hands the current retained messages under `filter` to `each`, before this returns, newest rights applied; at most `most`.
    virtual Result<std::size_t> retained(Session& by, const TopicFilter& filter, std::size_t most,
                                         const std::function<void(const EnvelopePtr&)>& each) noexcept = 0;
};

}  // namespace junctor
