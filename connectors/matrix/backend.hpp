#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "connectors/matrix/alarm.hpp"
#include "connectors/matrix/codec.hpp"
#include "connectors/matrix/event_order.hpp"
#include "connectors/matrix/homeserver.hpp"
#include "connectors/matrix/mapping.hpp"
#include "connectors/matrix/missing_events.hpp"
#include "connectors/matrix/positions.hpp"
#include "connectors/matrix/puppets.hpp"
#include "connectors/matrix/recall.hpp"
#include "connectors/matrix/retained_state.hpp"
#include "connectors/matrix/service_door.hpp"
#include "connectors/matrix/taken_order.hpp"
#include "connectors/matrix/transactions.hpp"
#include "connectors/matrix/waiting_transactions.hpp"
#include "core/observe/outage.hpp"

namespace junctor::matrix {

/// A homeserver that joins gateways, or that a bridge reaches, each gateway a user of it. Topics that are configured stand for one room
/// each; all others travel over one room that gateways share, with the whole message inside. Lives on one core; waits nowhere.
class MatrixBackend final : public Backend {
public:
    explicit MatrixBackend(BackendSettings settings, MakeOutbound make = make_outbound);
    ~MatrixBackend() override { stop(); }

    BackendTraits traits() const noexcept override;
    void open(Host& host) override;
    std::optional<BackendDoor> door() const override;
    void start(BackendSink& sink, const BackendPlace& place) override;
    void stop() noexcept override;
    void publish(const EnvelopePtr& envelope, BackendTicket ticket) noexcept override;
    /// All rooms are read at all times: what is wanted of them changes nothing.
    void subscribe(const TopicFilter& filter, std::string_view group) noexcept override;
    void unsubscribe(const TopicFilter&, std::string_view) noexcept override {}
    void stored(Token receipt) noexcept override;
    void recall() noexcept override { recall_.want(); }

private:
    /// How what stands in a room comes to the sink (`Arrival`).
    enum class Manner : std::uint8_t { live, replayed, past, told };

    struct Room {
        std::string name;   ///< as configured
        std::string topic;  ///< empty: the shared one
        std::string id{};
    };
    /// What one publish has become.
    struct Unsent {
        std::size_t room;
        std::string_view type;
        std::string content;  ///< of the event, or one of its messages
        BackendTicket ticket;
        PrincipalRef publisher{};  ///< of an event of its own
        std::optional<std::string> state_key{};  ///< of a retained value
        bool alone() const noexcept { return room != 0 || state_key; }
    };
    /// An event under way: the first `messages` of what is unsent.
    struct Sending {
        std::size_t messages = 0;
        std::string transaction;
        std::string content;
        bool chosen = false;   ///< who writes it: it stays so when it is sent again
        std::string puppet{};  ///< empty: the gateway itself
    };
    /// A transaction that is being taken: `next` of its events comes next.
    struct Taking {
        PushedEvents events;
        bool pushed = true;  ///< else they were found, and may be pushed later
        std::size_t next = 0;
    };

    // Coming there (backend.cpp)
    void connect() noexcept;
    void register_itself();
    void who_am_i();
    void ask_position();
    void ask_transactions();
    void join_next();
    void create(std::size_t room);
    void make_filters();
    void joined(std::size_t room, OutboundAnswer answer, bool created);
    void away(const std::string& why, Duration pause = {}) noexcept;
    void still_away(const std::string& why) noexcept;
    /// Everything is as it has to be.
    void there() noexcept;
    void go_on() noexcept;
    bool listens() const noexcept { return door_ != nullptr; }
    /// Whether the answer is one to go on with; else the homeserver is away.
    bool usable(const OutboundAnswer& answer, const char* what) noexcept;

    // What was before (backend_recall.cpp)
    void look_back();
    void past_page(OutboundAnswer answer) noexcept;
    void tell_past();
    void begin_histories_anew();

    // What stands (backend_retained.cpp)
    void load_state();
    void load_state_of(std::size_t room);
    void state_loaded();
    bool read_state_of(const Room& room, const OutboundAnswer& answer, void (RetainedState::*take)(const Topic&, RetainedState::Value));
    bool read_value(const Room& room, const RoomEvent& event, ArrivedMessage& message) const;
    void retained_arrived(const Room& room, const RoomEvent& event, Manner manner) noexcept;
    void hurry();
    void look_at(std::size_t room);
    void looked() noexcept;
    void stop_expecting() noexcept;
    void replay(const std::vector<TopicFilter>& filters) noexcept;
    void replay(const Topic& topic, const RetainedState::Value& value) noexcept;
    static std::string content_of_retained(const std::string& transaction, const std::string& message);

    // Out (backend_send.cpp)
    std::size_t room_of(const Topic& topic) const noexcept;
    Errc fill(const Envelope& envelope, Unsent& unsent) const;
    Errc fill_retained(const Envelope& envelope, Unsent& unsent) const;
    void send_more() noexcept;
    void put_together();
    void send_it();
    bool writer_chosen();
    void sent(OutboundAnswer answer) noexcept;
    void settle_sending(Errc code) noexcept;
    void give_up() noexcept;

    // Who writes (backend_puppets.cpp)
    void bring_in(const std::string& user, const std::string& room);
    void register_puppet(const std::string& user);
    void name_puppet(const std::string& user);
    void join_puppet(const std::string& user, const std::string& room, bool invited);
    void invite_puppet(const std::string& user, const std::string& room);
    void write_itself(const std::string& user, const std::string& room, const Refusal& refusal);
    /// Whether the answer says yes or no at all; else it is asked again, later or when the homeserver is back.
    bool decided(const OutboundAnswer& answer, const char* what) noexcept;
    void receipt(BackendTicket ticket, Errc code) noexcept;

    // In (backend_sync.cpp)
    void sync();
    void synced(OutboundAnswer answer) noexcept;
    void fill_gaps();
    void gap_page(OutboundAnswer answer) noexcept;
    void close_gap();
    void news_complete() noexcept;
    void event_arrived(const Room& room, const RoomEvent& event, Manner manner) noexcept;
    void shared_arrived(const RoomEvent& event, Manner manner) noexcept;
    void single_arrived(const Room& room, const RoomEvent& event, Manner manner) noexcept;
    void deliver(ArrivedMessage& message, Manner manner, std::int64_t at_ms) noexcept;
    bool for_others(std::string_view topic) const noexcept;
    void keep_position_soon() noexcept;
    void keep_position();

    // In, where it is pushed (backend_pushed.cpp)
    void ping();
    bool ready() const noexcept;
    void pushed(std::string id, PushedEvents events, Transactions::Answer answer) noexcept;
    void take_waiting() noexcept;
    void wait_for_turn() noexcept;
    void stop_waiting() noexcept;
    void take_pushed(WaitingTransactions::Entry pushed) noexcept;
    void refuse(const Transactions::Answer& answer) noexcept;
    void forget_stuck(const std::string& id, const std::vector<PushedEvent>& events) noexcept;
    void begin_to_take(std::string id, Transactions::Answer answer, Taking taking);
    void take_events() noexcept;
    void take_event(const Room& room, const RoomEvent& event, const std::optional<OrderMark>& mark, bool pushed) noexcept;
    void answer_pushed() noexcept;
    void keep_transactions();

    // What should have been pushed before, and what is never pushed (backend_order.cpp)
    void ask_beginning(std::size_t room);
    void ask_missing();
    void missing_answered(OutboundAnswer answer) noexcept;
    void without_missing(const std::string& why) const;
    void missing_found(bool come) noexcept;
    void be_wary() noexcept;
    void look_at_newest(std::size_t room);
    void newest_known() noexcept;
    void take_stranded() noexcept;
    std::vector<PushedEvent> stranded() const;
    bool unseen(const PushedEvent& event) const;
    void forget_stranded() noexcept;

    const BackendSettings settings_;
    const MakeOutbound make_outbound_;
    std::vector<Room> rooms_;  ///< the shared one first
    BackendSink* sink_ = nullptr;
    Core* core_ = nullptr;
    std::string gateway_;
    std::string position_name_;
    bool joins_ = true;    ///< gateways; else it serves a bridge
    bool lasting_ = false;
    std::optional<Homeserver> homeserver_;
    bool available_ = false;
    Outage outage_;
    std::uint32_t failures_ = 0;  ///< in a row
    Alarm retry_{[this] { available_ ? go_on() : connect(); }};

    bool registered_ = false;  ///< the gateway's own user, where it is an application service
    std::string user_;
    bool position_asked_ = false;
    Homeserver::Call coming_;

    Recall recall_;

    RetainedState retained_;
    bool state_known_ = false;            ///< nothing that has happened since it was looked at was missed
    std::vector<TopicFilter> to_replay_;  ///< filters that were asked for since the homeserver was
    std::vector<TopicFilter> replaying_;  ///< those that wait for what it says
    Homeserver::Call look_call_;
    Alarm look_patience_{[this] { stop_expecting(); }};

    std::deque<Unsent> unsent_;
    std::size_t unsent_bytes_ = 0;
    std::optional<Sending> sending_;
    Homeserver::Call send_call_;
    std::string transaction_prefix_;
    std::uint64_t last_transaction_ = 0;
    GivenOrder given_order_;
    Puppets puppets_;
    Alarm send_again_{[this] { send_more(); }};
    Alarm patience_{[this] { give_up(); }};

    std::string sync_filter_;
    std::string event_filter_;
    std::string since_;
    Homeserver::Call sync_call_;
    std::optional<SyncNews> news_;  ///< that has gaps to be filled
    std::size_t gap_ = 0;           ///< the room of it
    std::vector<RoomEvent> gap_events_;  ///< newest first
    std::size_t gap_bytes_ = 0;
    Positions positions_;
    bool position_counts_ = false;  ///< there is one to be kept
    TimePoint position_kept_at_{};  ///< or tried to, the last time
    Homeserver::Call position_call_;
    Alarm position_due_{[this] { keep_position(); }};

    std::shared_ptr<ServiceDoor> door_;  ///< null: nothing is pushed
    WaitingTransactions waiting_;
    Alarm waiting_patience_{[this] { stop_waiting(); }};
    Transactions transactions_;
    std::optional<Taking> taking_;
    std::uint64_t pushes_ = 0;
    TakenOrder order_;
    std::int64_t beginning_ms_ = 0;  ///< the latest event of the rooms, while they are asked
    std::optional<MissingEvents> missing_;  ///< before the one that is being taken
    TimePoint missing_until_{};
    Homeserver::Call missing_call_;
    Alarm ask_missing_again_{[this] { ask_missing(); }};
    TimePoint wary_until_{};  ///< until then rooms are asked for what may never be pushed
    std::vector<PushedEvent> newest_;  ///< what they said, of each room the oldest first
    std::uint64_t pushes_before_ = 0;
    Homeserver::Call newest_call_;
    Alarm stranded_patience_{[this] { take_stranded(); }};
    PushedEvents stranded_ = std::make_shared<const std::vector<PushedEvent>>();  ///< that were taken the last time
};

}  // namespace junctor::matrix
