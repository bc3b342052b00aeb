// What comes from the homeserver: a sync after the other, and the gaps that one leaves are read page by page.

#include <algorithm>

#include "connectors/matrix/backend.hpp"
#include "core/model/hop_path.hpp"
#include "core/observe/log.hpp"
#include "core/runtime/core.hpp"

namespace junctor::matrix {
namespace {

constexpr Duration long_poll = std::chrono::seconds(25);
constexpr Duration position_delay = std::chrono::milliseconds(500);

/// Of one gap at once in memory. A gateway that was away for more than that hears the newest of it, and the log says so.
constexpr std::size_t most_gap_events = 100'000;

}  // namespace

void MatrixBackend::sync() {
    replaying_ = std::exchange(to_replay_, {});
    const bool waits = available_ && replaying_.empty();
    sync_call_ = homeserver_->sync(sync_filter_, since_, waits ? long_poll : Duration::zero(),
                                   [this](OutboundAnswer answer) { synced(std::move(answer)); });
}

void MatrixBackend::synced(OutboundAnswer answer) noexcept {
    sync_call_.reset();
    if (answer.failure == OutboundFailure::none && answer.response.status == 400 && !since_.empty()) {
        log_error("matrix", "the homeserver does not know where to go on: what came meanwhile is lost", {{"room", settings_.room}});
        since_.clear();
        state_known_ = false;
    }
    if (!usable(answer, "sync")) return;
    std::optional<SyncNews> news = read_sync(answer.response.body);
    if (!news) return away("what it says is no sync");
    if (since_.empty()) news->rooms.clear();  // what was before the gateway came
    news_ = std::move(news);
    gap_ = 0;
    fill_gaps();
}

void MatrixBackend::fill_gaps() {
    std::vector<RoomNews>& rooms = news_->rooms;
    while (gap_ < rooms.size() && (!rooms[gap_].limited || rooms[gap_].before.empty())) ++gap_;
    if (gap_ == rooms.size()) return news_complete();
    sync_call_ = homeserver_->messages(rooms[gap_].room, rooms[gap_].before, since_, event_filter_,
                                       [this](OutboundAnswer answer) { gap_page(std::move(answer)); });
}

void MatrixBackend::gap_page(OutboundAnswer answer) noexcept {
    sync_call_.reset();
    if (!usable(answer, "messages")) return gap_events_.clear();
    std::optional<MessagesPage> page = read_messages(answer.response.body);
    if (!page) {
        gap_events_.clear();
        return away("what it says is no page of messages");
    }
    std::ranges::move(page->events, std::back_inserter(gap_events_));
    RoomNews& room = news_->rooms[gap_];
    if (gap_events_.size() >= most_gap_events) {
        log_error("matrix", "more has come than fits: the oldest is lost", {{"room", room.room}});
        page->end.clear();
        state_known_ = false;
        sink_->history_broken();
        sink_->past_told();
    }
    if (page->end.empty() || page->end == since_ || page->end == room.before) return close_gap();
    room.before = page->end;
    fill_gaps();
}

void MatrixBackend::close_gap() {
    RoomNews& room = news_->rooms[gap_];
    room.events.insert(room.events.begin(), std::make_move_iterator(gap_events_.rbegin()), std::make_move_iterator(gap_events_.rend()));
    gap_events_.clear();
    room.limited = false;
    fill_gaps();
}

void MatrixBackend::news_complete() noexcept {
    const SyncNews news = std::move(*news_);
    news_.reset();
    const std::vector<TopicFilter> asked = std::exchange(replaying_, {});
    const bool first = since_.empty();
    since_ = news.next;
    positions_.begin(news.next, first || !news.rooms.empty());
    for (const RoomNews& each : news.rooms) {
        const auto room = std::ranges::find(rooms_, each.room, &Room::id);
        if (room == rooms_.end()) continue;
        for (const RoomEvent& event : each.events) event_arrived(*room, event, Manner::live);
    }
    positions_.complete();
    if (first && !sink_->history_rules()->empty()) return begin_histories_anew();
    if (!available_) return load_state();
    replay(asked);
    keep_position_soon();
    if (!sync_call_) sync();
}

void MatrixBackend::event_arrived(const Room& room, const RoomEvent& event, Manner manner) noexcept {
    if (event.state_key) return retained_arrived(room, event, manner);
    room.topic.empty() ? shared_arrived(event, manner) : single_arrived(room, event, manner);
}

void MatrixBackend::shared_arrived(const RoomEvent& event, Manner manner) noexcept {
    if (event.type != shared_event) return;
    const auto messages = event.content.find("messages");
    if (messages == event.content.end() || !messages->is_array()) return;
    for (const nlohmann::json& each : *messages) {
        ArrivedMessage message;
        if (!from_json(each, gateway_, message)) {
            log_debug("matrix", "what is in the shared room is no message of a gateway", {{"event", event.id}});
        } else if (!for_others(message.topic)) {
            deliver(message, manner, event.at_ms);
        }
    }
}

/// What the gateway's own user, or one that stands for a principal, writes by other means is not for its subscribers.
void MatrixBackend::single_arrived(const Room& room, const RoomEvent& event, Manner manner) noexcept {
    if ((event.sender == user_ || puppets_.owns(event.sender)) && !event.content.contains("junctor")) return;
    ArrivedMessage message;
    if (message.set_topic({}, room.topic) && from_single_event(event.type, event.content, gateway_, message)) deliver(message, manner, event.at_ms);
}

/// What is meant for one other gateway: its requesters' answers.
bool MatrixBackend::for_others(std::string_view topic) const noexcept {
    if (!topic.starts_with(inbox_prefix)) return false;
    topic.remove_prefix(inbox_prefix.size());
    return topic.substr(0, topic.find('/')) != gateway_;
}

/// A bridge sees its own in the room like everybody else's; its gateway has them.
void MatrixBackend::deliver(ArrivedMessage& message, Manner manner, std::int64_t at_ms) noexcept {
    if (!joins_) {
        const std::string_view hops = message.draft.extras ? std::string_view(message.draft.extras->hops) : std::string_view();
        if (last_hop(hops) == gateway_ || message.draft.topic.reserved()) return;
    }
    Arrival arrival;
    arrival.draft = std::move(message.draft);
    arrival.origin = message.origin;
    arrival.replayed = manner == Manner::replayed;
    arrival.told = manner == Manner::told;
    arrival.past = manner == Manner::past;
    if (arrival.past) arrival.age = std::max<Duration>(core_->wall().time_since_epoch() - std::chrono::milliseconds(at_ms), Duration::zero());
    if (arrival.draft.qos != Qos::at_most_once && (manner == Manner::live || arrival.told)) arrival.receipt = {positions_.expect()};
    sink_->arrived(std::move(arrival));
}

void MatrixBackend::stored(Token receipt) noexcept {
    positions_.kept(receipt.value);
    listens() ? answer_pushed() : keep_position_soon();
}

/// With its name the gateway goes on where it was, when it starts again; without one nobody would ask. A position that no message has led
/// to is as good as the one before.
void MatrixBackend::keep_position_soon() noexcept {
    position_counts_ |= positions_.advance();
    if (!position_counts_ || !lasting_ || !homeserver_ || !available_) return;
    if (!position_due_.armed() && !position_call_) core_->timers().arm(position_due_, std::max(core_->now(), position_kept_at_ + position_delay));
}

void MatrixBackend::keep_position() {
    position_counts_ = false;
    position_kept_at_ = core_->now();
    position_call_ = homeserver_->keep_position(user_, position_name_, positions_.reached(), [this](const OutboundAnswer& answer) {
        position_call_.reset();
        const bool done = answer.failure == OutboundFailure::none && answer.response.status == 200;
        if (!done) log_debug("matrix", "the homeserver does not keep where the gateway is", {{"status", std::to_string(answer.response.status)}});
        position_counts_ |= !done;
        keep_position_soon();
    });
}

}  // namespace junctor::matrix
