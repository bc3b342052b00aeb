#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "connectors/zeromq/machine.hpp"
#include "connectors/zeromq/peer_link.hpp"
#include "core/session/outbox.hpp"

namespace junctor {
class Core;
}

namespace junctor::zeromq {

/// The session of one DEALER or REQ at the request door: its machine, what waits for the wire, and the Gate.
class Peer final : public Session {
public:
    /// `link` outlives the peer.
    Peer(Core& core, PeerLink& link) noexcept;
    ~Peer();

    /// Finds out who it is and opens the session. What it sends meanwhile is kept, up to the limit for strangers.
    void begin(Credentials credentials);

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
    WireVariant variant(const SubscribeOptions& options) const noexcept override;
    void encode(const Envelope& envelope, WireVariant variant, Template& out) const noexcept override;
    DeliverResult deliver(const Delivery& delivery) noexcept override;
    void settled(Token token, const Receipt& receipt) noexcept override;
    void answered(Token token, const EnvelopePtr& reply) noexcept override;
    void close(CloseReason reason, std::string_view text) noexcept override;

private:
    enum class State : std::uint8_t { authenticating, open, over };

    void authenticated(AuthenticationStep step) noexcept;
    void refuse(CloseReason reason, std::string_view text) noexcept;
    void keep(std::span<const Bytes> frames);
    void handle(std::span<const Bytes> frames) noexcept;
    void perform(Outgoing& outgoing) noexcept;
    void perform(PublishAction& action) noexcept;
    void perform(RequestAction& action) noexcept;
    void perform(SubscribeAction& action) noexcept;
    void perform(UnsubscribeAction& action) noexcept;
    void answer(Outgoing&& outgoing) noexcept;
    bool write(const Outgoing& outgoing) noexcept;

    Core& core_;
    PeerLink& link_;
    Machine machine_;
    State state_ = State::authenticating;
    bool left_ = false;  ///< the link said so
    TimePoint last_received_;
    std::unique_ptr<Authentication> authentication_;
    std::vector<std::vector<ByteBuffer>> early_;  ///< received before the session was open
    std::size_t early_bytes_ = 0;
    std::deque<Outgoing> answers_;                ///< wait for the wire; go before the outbox
    std::size_t answer_bytes_ = 0;
    Outbox outbox_;
};

}  // namespace junctor::zeromq
