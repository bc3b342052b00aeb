#pragma once

#include <deque>
#include <functional>
#include <map>
#include <set>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "connectors/zeromq/door.hpp"
#include "connectors/zeromq/subscriber.hpp"
#include "core/ports/gate.hpp"
#include "core/session/outbox.hpp"

namespace junctor::zeromq {

/// Where SUB sockets connect. To the core each user, vouched for alike, is one session (`Subscriber`); which of its sockets gets what is
/// libzmq's own prefix match. A subscription is admitted when the Gate has said yes, to a newcomer's connect before that; the next one is read
/// afterwards.
///
/// libzmq sends a message to every socket with a prefix that matches, whosever it is. So where several users are connected, it goes out when
/// the Gate has handed it over for all of them whose prefixes match. If it has not for one, that user's prefix is refused for `refusal_lasts`,
/// and its connections are cut before the message goes: libzmq cannot take a subscription back. They come back by themselves.
///
/// What waits here waits for all users together, and counts for each of them among what may be queued for it. Where one of them may have no more
/// queued, nobody is waited for: the message goes to those who have room, and who takes nothing is disconnected.
///
/// Retained values follow a subscription. libzmq has no way to send to one subscriber, so all whose prefixes match get them again,
/// marked as retained, and so they come at most once per `replay_interval` for all who subscribed meanwhile.
class SubscribeDoor final : public Door, public Subscriber::Owner {
public:
    static constexpr Duration replay_interval = std::chrono::seconds(1);
    /// Bytes that libzmq may hold before anybody counts them.
    static constexpr std::size_t uncounted = 512 << 10;
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

    /// A connection that stands now. Its number alone does not say who speaks by it: what came by one that has gone may be received when
    /// another one bears its number.
    struct Connection {
        Subscriber* subscriber = nullptr;  ///< whose it is; null: nobody has spoken yet
        std::string name;                  ///< as the ZAP handler gave it, when it has spoken
        std::uint64_t after = 0;           ///< so many connections had got names when it came: none of those is its
    };

    /// A subscription that waits for the Gate, or for what was judged without it to go out; libzmq still knows whose it was.
    struct Asked {
        Subscriber* subscriber;
        int connection;
        std::string prefix;
        std::string filter;
        bool allowed = false;
    };

    /// Somebody of whom it is not known yet whether it may connect, and what it began with.
    struct Entering {
        Subscriber* subscriber;
        int connection;
        ByteBuffer frame;
        std::unique_ptr<VerdictWait> verdict;
    };

    /// A prefix whose retained values are due.
    struct Newcomer {
        Subscriber* subscriber;
        std::string prefix;

        bool operator<(const Newcomer& other) const noexcept {
            return std::tie(subscriber->number, prefix) < std::tie(other.subscriber->number, other.prefix);
        }
    };

    /// A message on its way, for whom the Gate has handed it over, and for whom somebody elsewhere is asked first.
    struct Shared {
        EnvelopePtr envelope;
        std::string members;
        Qos qos = Qos::at_most_once;
        std::vector<const Subscriber*> allowed;
        std::vector<const Subscriber*> awaited;
    };

    void ended() noexcept override;
    bool follows_connections() const noexcept override { return true; }
    void connection_changed(const Socket::ConnectionEvent& event) noexcept override;
    void received() noexcept override;
    /// Nor are newcomers admitted to what still waits: it was judged without them.
    bool ready() const noexcept override;
    bool all_sent() const noexcept { return shared_.empty() && outbox_.empty(); }
    bool flush() noexcept override;

    DeliverResult deliver(Subscriber& to, const Delivery& delivery) noexcept override;
    void withheld(Subscriber& from, const EnvelopePtr& envelope) noexcept override;
    void settled(Subscriber& subscriber, Token token, Errc code) noexcept override;
    void lose(Subscriber& subscriber, CloseReason reason) noexcept override;
    void encode(const Envelope& envelope, Template& out) const noexcept override;

    Subscriber* find(const Principal& principal) const noexcept;
    void leave(int connection, Subscriber& subscriber) noexcept;
    void enter(int connection, PrincipalRef principal, Bytes frame) noexcept;
    void entered() noexcept;
    void handle(Subscriber& subscriber, int connection, Bytes frame) noexcept;
    void cut(Subscriber& subscriber, CloseReason reason) noexcept;
    void forget(Subscriber& subscriber) noexcept;
    void subscribe(Subscriber& subscriber, int connection, std::string prefix) noexcept;
    void unsubscribe(Subscriber& subscriber, int connection, std::string_view prefix) noexcept;
    void admit_allowed() noexcept;
    void admit(const Asked& asked) noexcept;
    void give_up(Subscriber& subscriber, const std::string& filter) noexcept;
    std::size_t footprint() const noexcept;
    bool refused(const Subscriber& subscriber, const std::string& filter) noexcept;
    void refuse(const Subscriber& subscriber, std::string_view topic) noexcept;
    bool alone_wants(const Subscriber& one, std::string_view topic) const noexcept;
    void shut_out(std::string_view topic, const std::function<bool(Subscriber&)>& may) noexcept;
    Shared* find_shared(const EnvelopePtr& envelope) noexcept;
    Shared& shared_of(const EnvelopePtr& envelope, std::string_view members, Qos qos);
    void send_shared() noexcept;
    void send_to_all(const Shared& shared) noexcept;
    bool shared_overflows() const noexcept;
    DeliverResult send(const Delivery& delivery, std::string_view members) noexcept;
    bool write(const EnvelopePtr& envelope, std::string_view members) noexcept;
    bool write(const Outbox::Item& item) noexcept;
    void replay_retained() noexcept;
    bool retained_known() noexcept;
    void replay(const Newcomer& newcomer) noexcept;
    void send_waiting() noexcept;
    bool stalled() const noexcept;
    bool over_budget() const noexcept;
    std::size_t waiting() const noexcept;
    void settle_charges() noexcept;
    bool over_share() const noexcept;
    void count_excess() noexcept;
    void end_slow_ones() noexcept;

    std::map<int, Connection> connections_;
    std::uint64_t last_number_ = 0;                         ///< of a subscriber
    std::vector<std::unique_ptr<Subscriber>> subscribers_;
    std::vector<std::unique_ptr<Subscriber>> lost_;         ///< until the next turn: they may be in the middle of a call
    std::unique_ptr<Asked> asked_;
    std::unique_ptr<Entering> entering_;
    std::map<std::pair<std::string, std::string>, TimePoint> refused_;  ///< user and filter, until when
    std::deque<Shared> shared_;  ///< in their order: one that is awaited holds up what its receivers are to have behind it
    bool sending_shared_ = false;
    std::size_t shared_bytes_ = 0;
    std::set<Newcomer> newcomers_;
    std::vector<std::unique_ptr<VerdictWait>> retained_known_;  ///< while somebody elsewhere is asked about retained values
    std::size_t retained_unknown_ = 0;
    TimePoint next_replay_ = TimePoint::min();
    ReplayTimer replay_timer_{*this};
    Outbox outbox_;                                         ///< waits for a subscriber whose queue is full
    TimePoint full_since_ = TimePoint::max();
    std::unordered_map<int, std::uint64_t> progress_;       ///< of each connection, when libzmq's queues went over the limit
    TimePoint progress_at_ = TimePoint::min();
};

}  // namespace junctor::zeromq
