#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/base/ring.hpp"
#include "core/model/will.hpp"
#include "core/ports/gate.hpp"
#include "core/runtime/timer_wheel.hpp"
#include "core/session/durable_queue.hpp"
#include "core/session/loss.hpp"

namespace junctor {

class DurableSessions;

/// A session that outlives its connections. It stands in the session table under its name and holds the subscriptions and what has
/// not been received yet; the present connection, its wire, is a session of the connector's. Belongs to DurableSessions.
class DurableSession final : public Session {
public:
    /// As `wire` is: its name, protocol and principal.
    DurableSession(DurableSessions& keeper, const Session& wire);
    DurableSession(DurableSessions& keeper, std::string name, std::string_view protocol, PrincipalRef principal);

    std::string_view protocol() const noexcept override { return protocol_; }
    std::string_view name() const noexcept override { return name_; }
    bool durable() const noexcept override { return true; }
    bool away() const noexcept override { return !wire_; }
    bool accepts(Qos qos) const noexcept override { return queue_.empty() && wire_ && ready_ && wire_->accepts(qos); }

    WireVariant variant(const SubscribeOptions& options) const noexcept override { return wire_ ? wire_->variant(options) : WireVariant(); }
    void encode(const Envelope& envelope, WireVariant variant, Template& out) const noexcept override {
        if (wire_) wire_->encode(envelope, variant, out);
    }
    DeliverResult deliver(const Delivery& delivery) noexcept override;
    /// Of a subscribe or unsubscribe, under the token that `begin` gave.
    void settled(Token token, const Receipt& receipt) noexcept override;
    void answered(Token, const EnvelopePtr&) noexcept override {}
    /// Closes the connection, not the session.
    void close(CloseReason reason, std::string_view text) noexcept override;
    std::vector<HandedBack> hand_back() noexcept override;

    Session* wire() const noexcept { return wire_; }
    /// `Opened::epoch`: as long as the session lives, over restarts too. A client may see a sequence before it is durable, so sequences are
    /// reserved ahead, in lots, and after a restart the count goes on behind what was reserved.
    std::uint64_t epoch() const noexcept { return epoch_; }
    void attach(Session& wire) noexcept;
    void detach() noexcept;
    void revoked(const TopicFilter& filter, std::string_view reason) noexcept override {
        if (wire_) wire_->revoked(filter, reason);
    }

    /// The wire takes deliveries, its first ones or again.
    void ready() noexcept;
    void acknowledge(std::uint64_t sequence, Progress progress) noexcept;
    /// Hands on what the wire takes.
    void pump() noexcept;

    /// The wire asks to subscribe or unsubscribe under `token`, or nobody asks, without one: the token to pass on in its place.
    Token begin(Token token, std::span<const SubscribeRequest> requests);
    Token begin(Token token, std::span<const TopicFilter> filters);

    /// Inbound ids of exactly-once messages that wait for their release.
    bool unreleased(std::uint16_t id) const noexcept;
    const std::vector<std::uint16_t>& unreleased() const noexcept { return unreleased_; }

    const DurableQueue& queue() const noexcept { return queue_; }

private:
    friend class DurableSessions;

    /// Fires when the session's time is over, or its will is due.
    struct Deadline final : Timer {
        explicit Deadline(DurableSession& whose) noexcept : session(whose) {}
        void expired(TimePoint now) noexcept override;
        DurableSession& session;
    };

    /// What becomes of an entry whose turn it is; with neither it goes.
    struct Prospect {
        std::optional<Loss> loss;  ///< why it is not to be handed on any more
        bool waits = false;        ///< for somebody elsewhere
    };

    struct Operation {
        SessionId wire;
        Token token;
        std::vector<SubscribeRequest> requests;  ///< to write down
        std::vector<TopicFilter> filters;
    };

    DeliverResult pass_on(const Delivery& delivery) noexcept;
    bool keep(const Delivery& delivery);
    bool make_room(std::size_t bytes) noexcept;
    bool may_be_given_again(std::uint64_t sequence) noexcept;
    bool offer(const DurableQueue::Next& next, const Delivery* fresh) noexcept;
    void note_unreleased(std::uint16_t id);
    void release(std::uint16_t id) noexcept;
    void pump(const Delivery* fresh) noexcept;
    void give_up(DurableQueue::Entry entry, Loss loss) noexcept;
    Prospect prospect_of(const DurableQueue::Next& next) noexcept;
    DeliverResult send(const DurableQueue::Next& next, const Template* encoded) noexcept;
    void finish(std::optional<DurableQueue::Entry> entry) noexcept;
    Token begin(Operation operation);

    DurableSessions& keeper_;
    const std::string name_;
    std::uint64_t epoch_;
    std::string_view protocol_;
    Session* wire_ = nullptr;
    bool ready_ = false;    ///< the wire has greeted its client
    bool pumping_ = false;
    bool ended_ = false;
    DurableQueue queue_;
    Ring<Operation> operations_;              ///< subscribes and unsubscribes under way; they end in order
    std::vector<std::uint16_t> unreleased_;   ///< ascending
    std::uint64_t number_ = 0;                ///< in the store
    std::uint64_t reserved_ = 0;              ///< sequences up to this one, as the store is to know
    std::uint64_t reserved_at_ = 0;           ///< the journal's position with which it does
    std::uint64_t usable_ = 0;                ///< sequences up to this one are never given again
    Duration expiry_ = Duration::zero();
    std::optional<WallTime> detached_at_;
    TimePoint ends_at_ = TimePoint::max();    ///< while nobody is connected
    std::unique_ptr<Will> will_;              ///< of the connection, or waits for its delay
    std::uint64_t pumps_at_ = 0;              ///< journal position after which it is pumped
    TimePoint will_at_ = TimePoint::max();
    Deadline deadline_{*this};
};

}  // namespace junctor
