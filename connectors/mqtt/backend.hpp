#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>

#include "connectors/mqtt/backend_mapping.hpp"
#include "connectors/mqtt/broker_line.hpp"
#include "connectors/mqtt/copy_filter.hpp"
#include "core/observe/outage.hpp"
#include "core/ports/backend.hpp"
#include "core/runtime/timer_wheel.hpp"

namespace junctor::mqtt {

/// A broker that joins gateways, or that a bridge reaches: this gateway is one client of it, with one subscription for each filter
/// that anybody here wants. Lives on one core; waits nowhere.
class MqttBackend final : public Backend, private BrokerLine::Owner, private Timer {
public:
    explicit MqttBackend(BackendSettings settings);

    BackendTraits traits() const noexcept override;
    void start(BackendSink& sink, const BackendPlace& place) override;
    void stop() noexcept override;
    void publish(const EnvelopePtr& envelope, BackendTicket ticket) noexcept override;
    bool pass_on(const TopicFilter& group, const EnvelopePtr& envelope, BackendTicket ticket) noexcept override;
    void subscribe(const TopicFilter& filter, std::string_view group) noexcept override;
    void unsubscribe(const TopicFilter& filter, std::string_view group) noexcept override;
    bool has_left() const noexcept override;
    void stored(Token receipt) noexcept override;

private:
    static constexpr std::uint64_t mark_number = 0;  ///< of a mark at the line; messages count from 1

    struct Outgoing {
        std::uint64_t number;
        ::mqtt::const_message_ptr message;
        BackendTicket ticket;
        bool sent = false;  ///< Paho has it
    };
    enum class Stage : std::uint8_t { asked, waits_for_mark, confirmed };
    struct Subscription {
        TopicFilter filter;
        std::string wire;
        std::string passing;  ///< of a group: what is passed on to its members; else empty
        Stage stage = Stage::asked;
        std::uint64_t mark = 0;  ///< that it waits for
    };
    /// One that is given up. The broker may bring more by it, also after it has said that it knows (MQTT 5.0 section 3.10.4).
    struct Leaving {
        TopicFilter filter;
        std::string wire;
        std::string passing;
        std::size_t unanswered = 0;
        bool left = false;  ///< the broker knows
    };

    // BrokerLine::Owner
    void line_up() noexcept override;
    void takes_at_once(std::uint64_t most) noexcept override;
    void line_down(const std::string& why) noexcept override;
    void message_taken(std::uint64_t number, Errc code, bool nobody) noexcept override;
    void message_returned(std::uint64_t number) noexcept override;
    void filter_taken(std::uint32_t id, Errc code) noexcept override;
    void filter_left(std::uint32_t id) noexcept override;
    void message_arrived(const ::mqtt::message& message, std::uint64_t number) noexcept override;

    void expired(TimePoint now) noexcept override;
    void retry_later();
    void subscribe_controls() noexcept;
    void control_taken(Errc code) noexcept;
    void send_waiting() noexcept;
    void send(Outgoing& outgoing) noexcept;
    void route(const ::mqtt::message& message) noexcept;
    void bring(Arrival&& arrival) noexcept;
    void receipt(BackendTicket ticket, Errc code, std::uint32_t matches) noexcept;
    void enqueue(::mqtt::const_message_ptr message, BackendTicket ticket) noexcept;
    void passing_taken(Errc code) noexcept;
    std::uint32_t new_id(const TopicFilter& filter) const noexcept;
    void forget_oldest_group() noexcept;
    const TopicFilter* group_of(std::uint32_t id) const noexcept;
    void leave(std::uint32_t id, Leaving& leaving) noexcept;
    void leave_all() noexcept;
    void send_mark() noexcept;
    void mark_taken(Errc code) noexcept;
    void mark_arrived(std::string_view payload) noexcept;
    void confirm_up_to(std::uint64_t mark) noexcept;
    void deliver(FromBroker&& from) noexcept;
    void deliver_to_group(const FromBroker& from, std::uint32_t id) noexcept;
    bool may_be_replayed(const Topic& topic) const noexcept;

    const BackendSettings settings_;
    const WireTopics topics_;
    BackendSink* sink_ = nullptr;
    Core* core_ = nullptr;
    BrokerIdentity identity_;
    bool joins_ = true;  ///< gateways; else it serves a bridge
    std::function<void(std::function<void()>)> post_;  ///< to the core, later
    std::unique_ptr<BrokerLine> line_;
    bool up_ = false;
    Outage outage_;
    std::size_t controls_missing_ = 0;  ///< the gateways' own subscriptions that the broker has not confirmed

    std::uint64_t last_number_ = 0;
    std::deque<Outgoing> outgoing_;  ///< in order; what the broker has not acknowledged
    std::size_t in_flight_ = 0;      ///< of them sent
    std::size_t window_ = 1;         ///< so many may be: what is more Paho looks at only once a second

    std::unordered_map<std::uint32_t, Subscription> subscriptions_;  ///< by identifier; odd ones are of groups
    std::map<std::pair<TenantId, std::string>, std::uint32_t> ids_;  ///< by canonical filter
    std::set<std::uint32_t> unconfirmed_;                            ///< retained values may be on their way
    std::unordered_map<std::uint32_t, Leaving> leaving_;             ///< by identifier; groups stay for a while
    std::deque<std::uint32_t> left_;                                 ///< of these groups, the oldest first
    std::string mark_topic_;
    std::uint64_t last_mark_ = 0;
    bool mark_under_way_ = false;
    CopyFilter copies_;
    std::uint64_t arrival_ = 0;     ///< the number of the message that waits to be stored; 0: none does
    std::size_t unstored_ = 0;      ///< arrivals of it that are not
};

}  // namespace junctor::mqtt
