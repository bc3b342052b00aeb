#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/bridging/bridge_rule.hpp"
#include "core/ports/backend.hpp"
#include "core/ports/gate.hpp"
#include "core/ports/session.hpp"
#include "core/runtime/core.hpp"
#include "core/runtime/timer_wheel.hpp"

namespace junctor {

/// Carries messages between this gateway and a server elsewhere: on this side a durable session with a principal of its own, so that all
/// it does passes the gate and what goes out waits in its queue, bounded and in order, while the other side is away; on that side a remote
/// backend. Lives on the core of its session's name.
///
/// What goes out is acknowledged when the other side has it, what comes in when this gateway has it. Both directions carry the hop
/// path: what has crossed the other side before does not go there again, what has crossed this gateway does not come in.
class Bridge final : public Session, private BackendSink, private Timer {
public:
    struct Terms {
        std::string name;     ///< as configured
        std::string gateway;  ///< this gateway's name in hop paths
        std::string peer;     ///< the other side's
        bool lasting = false; ///< the gateway's name is the same after a restart
        std::vector<BridgeRule> out;
        std::vector<BridgeRule> in;
        std::size_t window = 100;  ///< messages on their way out that the other side has not acknowledged
    };

    static std::string session_name(const std::string& bridge) { return "bridge:" + bridge; }

    Bridge(Core& core, Terms terms, std::unique_ptr<Backend> remote);
    ~Bridge();

    /// On its core, when the gate is there. Errc::denied where the policy does not let it: verbs `connect` and `bridge`.
    Result<void> open(const std::function<void(std::function<void()>)>& post, Outbound* outbound = nullptr) noexcept;
    bool connected() const noexcept { return available_; }

    // Session
    std::string_view protocol() const noexcept override { return "bridge"; }
    std::string_view name() const noexcept override { return session_name_; }
    WireVariant variant(const SubscribeOptions&) const noexcept override { return variant_; }
    void encode(const Envelope&, WireVariant, Template&) const noexcept override {}
    DeliverResult deliver(const Delivery& delivery) noexcept override;
    bool accepts(Qos) const noexcept override { return available_ && under_way_.size() < terms_.window; }
    void settled(Token token, const Receipt& receipt) noexcept override;
    void answered(Token, const EnvelopePtr&) noexcept override {}
    void close(CloseReason reason, std::string_view text) noexcept override;

private:
    struct Outgoing {
        std::uint64_t sequence;
        EnvelopePtr envelope;
    };

    // BackendSink
    Delivered deliver(const EnvelopePtr&) noexcept override { return {}; }
    void arrived(Arrival&& arrival) noexcept override;
    void taken(std::span<const BackendReceipt> receipts) noexcept override;
    void subscribed(const TopicFilter& filter, std::string_view group, Errc code) noexcept override;
    void available(bool yes) noexcept override;

    void expired(TimePoint now) noexcept override;
    void subscribe_here() noexcept;
    EnvelopePtr outgoing(const Delivery& delivery) const;
    void done(std::uint64_t sequence) noexcept;
    bool known(const Topic& topic, Bytes payload) noexcept;
    bool mark_hop(Draft& draft) const;
    void let_go(Token receipt) noexcept;

    Core& core_;
    const Terms terms_;
    const std::string session_name_;
    const WireVariant variant_;
    std::unique_ptr<Backend> remote_;
    const BackendTraits traits_;
    bool open_ = false;
    bool available_ = false;
    std::uint64_t last_number_ = 0;
    std::map<std::uint64_t, Outgoing> under_way_;             ///< by number at the remote
    std::vector<std::uint64_t> refused_;                      ///< of them; they go again
    std::unordered_map<std::uint64_t, Token> incoming_;       ///< receipts by number at the gate
};

}  // namespace junctor
