#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "core/base/ids.hpp"
#include "core/model/close_reason.hpp"
#include "core/model/envelope.hpp"
#include "core/model/errc.hpp"
#include "core/model/history_page.hpp"
#include "core/model/principal.hpp"
#include "core/model/topic_filter.hpp"
#include "core/ports/queue_share.hpp"

namespace junctor {

class Template;

/// Names one way to put a message on a wire: the codec's family and whatever changes the shared bytes (version, QoS class).
/// Sessions with equal variants share one Template per fan-out. Families are handed out by `new_wire_family()`.
struct WireVariant {
    std::uint16_t family = 0;
    std::uint16_t bits = 0;

    friend bool operator==(WireVariant, WireVariant) = default;
};

/// A family number that nobody else in this process has. Thread-safe; called once per codec.
std::uint16_t new_wire_family() noexcept;

/// MQTT 5.0 section 3.8.3.1; other protocols keep the defaults.
enum class RetainHandling : std::uint8_t { send, send_if_new, never };

struct SubscribeOptions {
    std::uint32_t subscription_id = 0;  ///< 0: none
    Qos max_qos = Qos::at_most_once;
    RetainHandling retain_handling = RetainHandling::send;
    bool no_local = false;
    bool retain_as_published = false;

    friend bool operator==(const SubscribeOptions&, const SubscribeOptions&) = default;
};

/// A delivery of a durable session that the client may have seen before its connection ended.
enum class Repeat : std::uint8_t {
    no,
    maybe,    ///< it may have this message
    release,  ///< it has this QoS 2 message (`Progress::received`): only its release is due (PUBREL), no message
};

/// The group of a shared subscription, as what came by it remembers it.
struct SharedGroup final : RefCounted<SharedGroup> {
    explicit SharedGroup(TopicFilter its_filter) : filter(std::move(its_filter)) {}
    const TopicFilter filter;

private:
    friend class RefCounted<SharedGroup>;
    ~SharedGroup() = default;
};

/// One message for one session. Everything in it is valid only during the call; keep `envelope` by copying the pointer.
struct Delivery {
    const EnvelopePtr& envelope;
    const Template& encoded;  ///< made by `Session::encode` of some session with this session's variant
    Qos qos;                  ///< the lower of the message's and the granted one
    bool retain;              ///< the flag to show: replayed from the retained store, or kept as published
    std::span<const std::uint32_t> subscription_ids;  ///< of all overlapping subscriptions, sorted
    std::uint64_t sequence = 0;  ///< durable sessions, QoS 1 and 2: counts up by one, the name for `Gate::acknowledge`; else 0
    Repeat repeat = Repeat::no;
    /// The shared subscription that it came by, else null. Remember it by a Ref until the message is acknowledged: `Session::hand_back`.
    const SharedGroup* group = nullptr;
};

/// A message of a shared subscription that its member did not get done.
struct HandedBack {
    EnvelopePtr envelope;
    Ref<const SharedGroup> group;
};

enum class DeliverResult : std::uint8_t {
    queued,          ///< written or kept; the session now answers for it
    denied,          ///< the policy does not let the session have it; only of who asked for one delivery, never of `Session::deliver`
    stored,          ///< kept in the present batch of the core's journal: an acknowledgement waits until that is durable
    dropped_oldest,  ///< kept, and an older QoS 0 message went for it
    refused,         ///< not kept: the session is over its limit and is closing itself
};

/// How a publish, request, subscribe or unsubscribe ended.
struct Receipt {
    Errc code = Errc::ok;
    std::uint32_t matches = 0;  ///< publish: how many subscribers are known to match; 0: nobody
    std::string_view reason;    ///< for people; valid during the call
    std::span<const Errc> each;  ///< subscribe, unsubscribe: one per filter, in order; valid during the call
    /// Subscribe with a `HistoryStart`: one per filter, likewise; empty where none has one.
    std::span<const HistoryOutcome> history = {};
};

/// A client as the core sees it: the receiving end of every connector, bridge and internal listener.
///
/// Lives on one core and is called only there. No call blocks or throws. The connector owns it; between
/// `Gate::open` and `Gate::close` the core holds a plain pointer. Calls may come from within the session's own calls
/// into the Gate (`settled` before `publish` returns), but never after `Gate::close` has returned.
class Session {
public:
    Session() = default;
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    SessionId id() const noexcept { return id_; }
    const PrincipalRef& principal() const noexcept { return principal_; }
    void set_principal(PrincipalRef principal) noexcept { principal_ = std::move(principal); }

    /// By the gate, while it is open and whenever that changes: what waits for it counts there too; null, as at first: nobody counts. Who has a
    /// queue beside an `Outbox` hands it on.
    virtual void charge(Ref<QueueShare> share) noexcept { share_ = std::move(share); }
    const Ref<QueueShare>& share() const noexcept { return share_; }

    /// `mqtt`, `websocket`, ...: static text for events, logs and metrics.
    virtual std::string_view protocol() const noexcept = 0;
    /// The name that makes the session addressable as `$to/<name>` and that a second opening takes over; empty: unnamed.
    virtual std::string_view name() const noexcept { return {}; }

    /// The variant in which a delivery under these options is encoded. Constant while the session is open.
    virtual WireVariant variant(const SubscribeOptions& options) const noexcept = 0;

    /// Writes what all sessions of this variant share; called once per variant and fan-out, on any session that has it.
    virtual void encode(const Envelope& envelope, WireVariant variant, Template& out) const noexcept = 0;

    virtual DeliverResult deliver(const Delivery& delivery) noexcept = 0;

    /// A message for it waits for the word of somebody elsewhere: `deliver` follows, or not. Null: nothing of it waits any more.
    virtual void withheld(const EnvelopePtr&) noexcept {}

    /// Can a delivery go out now? Asked of durable sessions before each one with a sequence, and before each page of a history that a
    /// subscription begins with; after a no `Gate::ready` says when. Asked of a group's members too, of whom one that can comes first.
    virtual bool accepts(Qos) const noexcept { return true; }

    /// `Progress::received` stands durably for this sequence.
    virtual void released(std::uint64_t) noexcept {}

    /// Does it outlive its connection? Then what it wants with QoS 1 or 2 is acknowledged only when it is stored. Constant.
    virtual bool durable() const noexcept { return false; }
    /// Nobody is connected: what is delivered waits. Of a group's members these come last.
    virtual bool away() const noexcept { return false; }

    /// Something that it asked for waits for the policy (true), or no longer does: meanwhile nothing more should be read from its client.
    /// In turns. Whoever cannot stop its client goes on, until too much waits.
    virtual void hold(bool) noexcept {}

    /// The session ends: of the deliveries with a group, those of QoS 1 and 2 that were not sent, and those of QoS 1 that were not
    /// acknowledged, in order (MQTT 5.0 section 4.8.2). Other members get them. Called once, from within `Gate::close`.
    virtual std::vector<HandedBack> hand_back() noexcept { return {}; }

    /// The end of the publish, request, subscribe or unsubscribe that came with `token`.
    virtual void settled(Token token, const Receipt& receipt) noexcept = 0;

    /// The answer to `Gate::history`. Its messages are this session's to see.
    virtual void history_read(Token, const HistoryPage&) noexcept {}

    /// The answer to a request of this session. At most once per token; after it, no `settled` with an error.
    virtual void answered(Token token, const EnvelopePtr& reply) noexcept = 0;

    /// The policy has taken a subscription away: nothing more comes by it. For clients whose protocol has a word for that.
    virtual void revoked(const TopicFilter&, std::string_view) noexcept {}

    /// The core wants the session gone (takeover, revocation, drain): say goodbye on the wire and call `Gate::close`, now or soon.
    virtual void close(CloseReason reason, std::string_view text) noexcept = 0;

protected:
    ~Session() = default;

private:
    friend class SessionTable;
    SessionId id_;
    PrincipalRef principal_;
    Ref<QueueShare> share_;
};

}  // namespace junctor
