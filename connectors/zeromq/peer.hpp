#pragma once

#include <list>
#include <memory>
#include <vector>

#include "connectors/zeromq/machine.hpp"
#include "connectors/zeromq/peer_link.hpp"
#include "core/base/ring.hpp"
#include "core/session/home_link.hpp"
#include "core/session/outbox.hpp"
#include "core/session/queue_charge.hpp"

namespace junctor {
class Core;
}

namespace junctor::zeromq {

/// The session of one DEALER or REQ at the request door: its machine, what waits for the wire, and the way to the Gate.
///
/// Its first message opens the session: `session` a durable one under the name it gives, any other one that ends with the peer, under
/// the peer's own name where it has one.
class Peer final : public Session {
public:
    /// `link` outlives the peer.
    Peer(Core& core, PeerLink& link) noexcept;
    ~Peer();

    /// Who it is. `name`: the peer's own, or empty.
    void begin(PrincipalRef principal, std::string name = {});

    void received(std::span<const Bytes> frames) noexcept;
    /// There may be room on the wire again.
    void pump() noexcept;
    /// Ends the session without a word.
    void end(CloseReason reason) noexcept;

    bool over() const noexcept { return state_ == State::over; }
    bool left() const noexcept { return left_; }
    bool blocked() const noexcept { return !answers_.empty() || !outbox_.empty(); }
    /// Nothing would be missed if this session ended now: it holds no subscription and waits for nothing.
    bool idle_since(TimePoint time) const noexcept;

    std::string_view protocol() const noexcept override { return "zeromq"; }
    std::string_view name() const noexcept override { return name_; }
    WireVariant variant(const SubscribeOptions& options) const noexcept override;
    void encode(const Envelope& envelope, WireVariant variant, Template& out) const noexcept override;
    DeliverResult deliver(const Delivery& delivery) noexcept override;
    bool accepts(Qos qos) const noexcept override;
    std::vector<HandedBack> hand_back() noexcept override { return outbox_.hand_back(); }
    void settled(Token token, const Receipt& receipt) noexcept override;
    void answered(Token token, const EnvelopePtr& reply) noexcept override;
    void charge(Ref<QueueShare> share) noexcept override;
    void close(CloseReason reason, std::string_view text) noexcept override;

private:
    enum class State : std::uint8_t { admitted, opening, open, over };

    /// What only a durable session needs.
    struct Durable {
        std::size_t window = 0;
        Ring<std::uint64_t> unacknowledged;  ///< ascending
    };

    void refuse(CloseReason reason, std::string_view text) noexcept;
    void take(std::span<const Bytes> frames) noexcept;
    void keep(std::span<const Bytes> frames);
    void open_for(std::span<const Bytes> frames) noexcept;
    void open(const SessionTerms& terms, Token naming) noexcept;
    void opened(const Result<Opened>& result, Token naming) noexcept;
    void handle_kept() noexcept;
    void handle(std::span<const Bytes> frames) noexcept;
    void perform(Outgoing& outgoing) noexcept;
    void perform(PublishAction& action) noexcept;
    void perform(RequestAction& action) noexcept;
    void perform(SubscribeAction& action) noexcept;
    void perform(UnsubscribeAction& action) noexcept;
    void perform(SessionAction& action) noexcept;
    void perform(AcknowledgeAction& action) noexcept;
    void perform(EndAction& action) noexcept;
    DeliverResult deliver_numbered(const Delivery& delivery) noexcept;
    void answer(Outgoing&& outgoing) noexcept;
    bool write(const Outgoing& outgoing) noexcept;
    HistoryPosition place_of(const Envelope& envelope) const noexcept;

    Core& core_;
    PeerLink& link_;
    HomeLink home_;
    Machine machine_;
    std::string name_;
    std::unique_ptr<Durable> durable_;
    State state_ = State::admitted;
    bool left_ = false;  ///< the link said so
    mutable bool turned_down_ = false;  ///< somebody waits for `ready`
    TimePoint last_received_;
    std::vector<std::vector<ByteBuffer>> early_;  ///< received before the session was open
    std::size_t early_bytes_ = 0;
    std::list<Outgoing> answers_;                 ///< wait for the wire; go before the outbox
    std::size_t answer_bytes_ = 0;
    QueueCharge answer_charge_;
    Outbox outbox_;
};

}  // namespace junctor::zeromq
