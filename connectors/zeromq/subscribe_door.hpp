#pragma once

#include <functional>
#include <map>
#include <set>
#include <unordered_map>
#include <vector>

#include "connectors/zeromq/door.hpp"
#include "connectors/zeromq/subscriber.hpp"
#include "core/ports/gate.hpp"
#include "core/session/outbox.hpp"

namespace junctor::zeromq {

/// Where SUB sockets connect. To the core each user is one session (`Subscriber`); which of its sockets gets what is libzmq's own prefix
/// match. A subscription is admitted when the Gate has said yes; the next one is read after that.
///
/// libzmq sends a message to every socket with a prefix that matches, whosever it is. So where several users are connected, one goes out
/// only when the Gate has handed it over for all of them whose prefixes match. If it has not for one, that user's prefix is refused for
/// `refusal_lasts`, and the socket bound anew: libzmq cannot take a subscription back.
///
/// Retained values follow a subscription. libzmq has no way to send to one subscriber, so all whose prefixes match get them again,
/// marked as retained, and so they come at most once per `replay_interval` for all who subscribed meanwhile.
class SubscribeDoor final : public Door, public Subscriber::Owner {
public:
    static constexpr Duration replay_interval = std::chrono::seconds(1);
    static constexpr Duration refusal_lasts = std::chrono::minutes(1);

    explicit SubscribeDoor(DoorSetup setup);

    /// Bytes that libzmq holds for subscribers, shared ones counted once.
    std::size_t unsent() const noexcept { return socket().unsent(); }

private:
    /// The next replay of retained values is due.
    class ReplayTimer final : public Timer {
    public:
        explicit ReplayTimer(SubscribeDoor& door) noexcept : door_(door) {}
        void expired(TimePoint) noexcept override { door_.wake(); }

    private:
        SubscribeDoor& door_;
    };

    /// A subscription that the Gate has not decided yet; libzmq still knows whose it was.
    struct Asked {
        Subscriber* subscriber;
        int connection;
        std::string prefix;
        std::string filter;
    };

    /// A prefix whose retained values are due.
    struct Newcomer {
        Subscriber* subscriber;
        std::string prefix;

        auto operator<=>(const Newcomer&) const = default;
    };

    /// A message on its way, and for whom the Gate has handed it over.
    struct Shared {
        EnvelopePtr envelope;
        std::string members;
        Qos qos = Qos::at_most_once;
        std::vector<const Subscriber*> allowed;
    };

    void started() override;
    void ended() noexcept override;
    bool follows_connections() const noexcept override { return true; }
    void connection_changed(const Socket::ConnectionEvent& event) noexcept override;
    void received() noexcept override;
    /// Nor are newcomers admitted to what still waits: it was judged without them.
    bool ready() const noexcept override { return !asked_ && outbox_.empty(); }
    bool flush() noexcept override;

    DeliverResult deliver(Subscriber& to, const Delivery& delivery) noexcept override;
    void settled(Subscriber& subscriber, Token token, Errc code) noexcept override;
    void lose(Subscriber& subscriber, CloseReason reason) noexcept override;
    void encode(const Envelope& envelope, Template& out) const noexcept override;

    Subscriber* subscriber() noexcept;
    Subscriber* open(const PrincipalRef& principal) noexcept;
    void end(Subscriber& subscriber, CloseReason reason) noexcept;
    void end_all(CloseReason reason) noexcept;
    void subscribe(Subscriber& subscriber, std::string prefix) noexcept;
    void unsubscribe(Subscriber& subscriber, std::string_view prefix) noexcept;
    void admit(const Asked& asked) noexcept;
    void give_up(Subscriber& subscriber, const std::string& filter) noexcept;
    std::size_t footprint() const noexcept;
    bool refused(const Subscriber& subscriber, const std::string& filter) noexcept;
    void refuse(const Subscriber& subscriber, std::string_view topic) noexcept;
    bool all_may_have(std::string_view topic, const std::function<bool(Subscriber&)>& may) noexcept;
    void send_shared() noexcept;
    DeliverResult send(const Delivery& delivery, std::string_view members) noexcept;
    bool write(const EnvelopePtr& envelope, std::string_view members) noexcept;
    bool write(const Outbox::Item& item) noexcept;
    void replay_retained() noexcept;
    void replay(const Newcomer& newcomer) noexcept;
    void send_waiting() noexcept;
    bool stalled() const noexcept;
    bool over_budget() const noexcept;
    void end_slow_ones() noexcept;

    std::map<int, Subscriber*> connections_;                ///< that stand now, and whose they are; null: nobody has spoken yet
    std::vector<std::unique_ptr<Subscriber>> subscribers_;
    std::vector<std::unique_ptr<Subscriber>> lost_;         ///< until the socket is bound anew: they may be in the middle of a call
    std::unique_ptr<Asked> asked_;
    std::map<std::pair<std::string, std::string>, TimePoint> refused_;  ///< user and filter, until when
    Shared shared_;
    std::set<Newcomer> newcomers_;
    TimePoint next_replay_ = TimePoint::min();
    ReplayTimer replay_timer_{*this};
    Outbox outbox_;                                         ///< waits for a subscriber whose queue is full
    TimePoint full_since_ = TimePoint::max();
    std::unordered_map<int, std::uint64_t> progress_;       ///< of each connection, when libzmq's queues went over the limit
    TimePoint progress_at_ = TimePoint::min();
};

}  // namespace junctor::zeromq
