#pragma once

#include <set>
#include <unordered_map>

#include "connectors/zeromq/door.hpp"
#include "connectors/zeromq/prefix_table.hpp"
#include "core/ports/gate.hpp"
#include "core/session/outbox.hpp"

namespace junctor::zeromq {

/// Where SUB sockets connect. To the core it is one session that wants each prefix cut to levels (`interest_of`); which
/// subscriber gets what is libzmq's own prefix match. It admits a subscription only when the Gate has not refused it.
///
/// Retained values follow a subscription. libzmq has no way to send to one subscriber, so all whose prefixes match get them again,
/// marked as retained, and so they come at most once per `replay_interval` for all who subscribed meanwhile.
class SubscribeDoor final : public Door, public Session {
public:
    static constexpr Duration replay_interval = std::chrono::seconds(1);

    explicit SubscribeDoor(DoorSetup setup);

    std::string_view protocol() const noexcept override { return "zeromq"; }
    WireVariant variant(const SubscribeOptions& options) const noexcept override;
    void encode(const Envelope& envelope, WireVariant variant, Template& out) const noexcept override;
    DeliverResult deliver(const Delivery& delivery) noexcept override;
    void settled(Token token, const Receipt& receipt) noexcept override;
    void answered(Token, const EnvelopePtr&) noexcept override {}
    void close(CloseReason reason, std::string_view text) noexcept override;

    /// Bytes that libzmq holds for subscribers, shared ones counted once.
    std::size_t unsent() const noexcept { return socket().unsent(); }

private:
    enum class State : std::uint8_t { closed, authenticating, open };

    /// The next replay of retained values is due.
    class ReplayTimer final : public Timer {
    public:
        explicit ReplayTimer(SubscribeDoor& door) noexcept : door_(door) {}
        void expired(TimePoint) noexcept override { door_.wake(); }

    private:
        SubscribeDoor& door_;
    };

    void started() override;
    void ended() noexcept override;
    bool follows_connections() const noexcept override { return true; }
    void connection_changed(const Socket::ConnectionEvent& event) noexcept override;
    void received() noexcept override;
    bool ready() const noexcept override { return state_ == State::open; }
    bool flush() noexcept override;

    void authenticated(AuthenticationStep step) noexcept;
    void subscribe(std::string_view prefix) noexcept;
    void unsubscribe(std::string_view prefix) noexcept;
    bool ask(const TopicFilter& filter) noexcept;
    void give_up(const std::string& filter) noexcept;
    bool write(const EnvelopePtr& envelope, std::string_view members) noexcept;
    bool write(const Outbox::Item& item) noexcept;
    void replay_retained() noexcept;
    void replay(std::string_view prefix) noexcept;
    void send_waiting() noexcept;
    bool stalled() const noexcept;
    bool over_budget() const noexcept;
    void end_slow_ones() noexcept;
    void end(CloseReason reason) noexcept;

    State state_ = State::closed;
    std::unique_ptr<Authentication> authentication_;
    std::set<int> connections_;                             ///< that stand now
    PrefixTable prefixes_;
    std::uint64_t last_token_ = 0;
    std::unordered_map<std::uint64_t, std::string> asked_;  ///< filters that the Gate has not confirmed yet
    std::uint64_t refused_ = 0;                             ///< how many the Gate has refused
    bool admitting_ = false;                                ///< nothing may be sent between a subscription and its admission
    std::set<std::string, std::less<>> newcomers_;          ///< prefixes whose retained values are due
    TimePoint next_replay_ = TimePoint::min();
    ReplayTimer replay_timer_{*this};
    Outbox outbox_;                                         ///< waits for a subscriber whose queue is full
    TimePoint full_since_ = TimePoint::max();
    std::unordered_map<int, std::uint64_t> progress_;       ///< of each connection, when libzmq's queues went over the limit
    TimePoint progress_at_ = TimePoint::min();
};

}  // namespace junctor::zeromq
