#pragma once

#include "connectors/zeromq/door.hpp"
#include "core/ports/gate.hpp"

namespace junctor::zeromq {

/// Where PUB sockets connect: every message they send is published. libzmq does not tell one publisher from another, so all of
/// them are one session, and none can be answered: what is refused is counted by its reason.
class PublishDoor final : public Door, public Session {
public:
    explicit PublishDoor(DoorSetup setup);

    std::string_view protocol() const noexcept override { return "zeromq"; }
    WireVariant variant(const SubscribeOptions&) const noexcept override { return {}; }
    void encode(const Envelope&, WireVariant, Template&) const noexcept override {}
    DeliverResult deliver(const Delivery&) noexcept override { return DeliverResult::refused; }
    void settled(Token, const Receipt&) noexcept override {}
    void answered(Token, const EnvelopePtr&) noexcept override {}
    void close(CloseReason reason, std::string_view text) noexcept override;

private:
    enum class State : std::uint8_t { closed, authenticating, open };

    void started() override;
    void ended() noexcept override;
    void received() noexcept override;
    bool ready() const noexcept override { return state_ == State::open; }

    void authenticated(AuthenticationStep step) noexcept;

    State state_ = State::closed;
    std::unique_ptr<Authentication> authentication_;
};

}  // namespace junctor::zeromq
