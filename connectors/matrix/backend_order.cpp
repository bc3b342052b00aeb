// What the homeserver should have pushed before, or does not push at all: a homeserver that takes a gateway for one that is away, and finds out
// better just then, may leave a transaction behind until the next time (Synapse does). Gateways mark what they send, so that this shows.

#include <algorithm>

#include "connectors/matrix/backend.hpp"
#include "core/observe/log.hpp"
#include "core/ports/http.hpp"
#include "core/runtime/core.hpp"
#include "core/store/journal.hpp"

namespace junctor::matrix {
namespace {

constexpr Duration retry_interval = std::chrono::seconds(1);

/// What stands in a room is pushed within that time, where it is pushed at all.
constexpr Duration stranded_patience = std::chrono::seconds(5);

/// So long after there was trouble rooms are asked.
constexpr Duration wary_time = std::chrono::minutes(5);

unsigned status_of(const OutboundAnswer& answer) noexcept { return answer.failure == OutboundFailure::none ? answer.response.status : 0; }

bool refused(unsigned status) noexcept { return status == 400 || status == 403 || status == 404; }

}  // namespace

/// What is there by now was there before: by the homeserver's clock, since that is in the events.
void MatrixBackend::ask_beginning(std::size_t room) {
    if (room == rooms_.size()) {
        order_.begin(beginning_ms_);
        return look_back();
    }
    coming_ = homeserver_->newest(rooms_[room].id, event_filter_, [this, room](OutboundAnswer answer) {
        const bool silent = refused(status_of(answer));
        if (!silent && !usable(answer, "what is in a room")) return;
        const std::optional<MessagesPage> page = silent ? MessagesPage() : read_messages(answer.response.body);
        if (!page) return away("what it says is no page of messages");
        if (silent) beginning_ms_ = std::max<std::int64_t>(beginning_ms_, core_->wall().time_since_epoch().count());
        for (const RoomEvent& each : page->events) beginning_ms_ = std::max(beginning_ms_, each.at_ms);
        ask_beginning(room + 1);
    });
}

void MatrixBackend::ask_missing() {
    missing_call_ = homeserver_->event(missing_->room(), missing_->wanted(), [this](OutboundAnswer answer) { missing_answered(std::move(answer)); });
}

void MatrixBackend::missing_answered(OutboundAnswer answer) noexcept {
    missing_call_.reset();
    const unsigned status = status_of(answer);
    if ((status == 0 || status == 429 || status >= 500) && core_->now() < missing_until_) {
        const Duration pause = status == 429 ? pause_after(read_refusal(answer.response.body), {}) : retry_interval;
        return core_->timers().arm(ask_missing_again_, core_->now() + pause);
    }
    std::optional<RoomEvent> event = status == 200 ? read_event(answer.response.body) : std::nullopt;
    using Next = MissingEvents::Next;
    const Next next = event ? missing_->found(std::move(*event), answer.response.body.size(), order_) : Next::broken;
    if (next == Next::ask) return ask_missing();
    if (next != Next::complete) without_missing(next == Next::too_many ? "too many are missing" : read_refusal(answer.response.body).words);
    missing_found(next != Next::too_many || taking_->pushed);
}

/// A room need not show what was before the gateway came.
void MatrixBackend::without_missing(const std::string& why) const {
    const auto log = order_.knows(missing_->room(), missing_->chain()) ? log_warning : log_debug;
    log("matrix", "an event that was to come before another one is not to be had: it is delivered when it is pushed",
        {{"room", missing_->room()}, {"event", missing_->wanted()}, {"because", why}});
}

/// They come, and what comes after them, where it is to `come`. What has so many before it that are not there yet is not stranded.
void MatrixBackend::missing_found(bool come) noexcept {
    std::vector<MissingEvents::Found> found = missing_->finish();
    if (!come) found.clear();
    missing_.reset();
    const PushedEvent& last = (*taking_->events)[taking_->next++];
    const Room& room = *std::ranges::find(rooms_, last.room, &Room::id);
    if (!found.empty()) {
        be_wary();
        log_info("matrix", "the homeserver has left out what comes before: it is read from the room", {{"room", room.name}, {"events", std::to_string(found.size())}});
    }
    for (const MissingEvents::Found& each : found) take_event(room, each.event, each.mark, false);
    if (come) take_event(room, last.event, order_of(last.event.content), taking_->pushed);
    take_events();
    if (!taking_) take_waiting();
}

void MatrixBackend::be_wary() noexcept { wary_until_ = core_->now() + wary_time; }

void MatrixBackend::look_at_newest(std::size_t room) {
    if (room == 0) {
        if (newest_call_ || stranded_patience_.armed()) return;
        newest_.clear();
    }
    if (room == rooms_.size()) return newest_known();
    newest_call_ = homeserver_->newest(rooms_[room].id, event_filter_, [this, room](const OutboundAnswer& answer) {
        newest_call_.reset();
        const unsigned status = status_of(answer);
        std::optional<MessagesPage> page = status == 200 ? read_messages(answer.response.body) : MessagesPage();
        if (!page || (status != 200 && !refused(status))) return newest_known();
        std::ranges::reverse(page->events);
        for (RoomEvent& each : page->events)
            if (order_of(each.content)) newest_.push_back({rooms_[room].id, std::move(each)});
        look_at_newest(room + 1);
    });
}

bool MatrixBackend::unseen(const PushedEvent& event) const { return order_.unseen(event.room, *order_of(event.event.content), event.event.at_ms); }

/// What is new may be on its way.
void MatrixBackend::newest_known() noexcept {
    if (std::ranges::none_of(newest_, [this](const PushedEvent& each) { return unseen(each); })) return;
    pushes_before_ = pushes_;
    core_->timers().arm(stranded_patience_, core_->now() + stranded_patience);
}

/// Those that should have come, where a later one has or none does. While the homeserver sends what it had kept back all of them are to come.
std::vector<PushedEvent> MatrixBackend::stranded() const {
    std::vector<PushedEvent> all;
    const bool idle = pushes_ == pushes_before_;
    bool later = false;
    std::string_view room;
    for (auto at = newest_.rbegin(); at != newest_.rend(); ++at) {
        later = later && room == at->room;
        room = at->room;
        if (!unseen(*at)) later = true;
        else if (idle || later) all.push_back(*at);
    }
    std::ranges::reverse(all);
    return all;
}

/// They are taken as if they had been pushed. What is under way first; it is looked again with the next ping.
void MatrixBackend::take_stranded() noexcept {
    if (taking_ || !waiting_.empty() || transactions_.under_way({}) || !core_->journal().accepts()) return be_wary();
    std::vector<PushedEvent> found = stranded();
    newest_.clear();
    if (found.empty()) return;
    be_wary();
    log_info("matrix", "the homeserver has not pushed what is in a room: it is taken from there", {{"events", std::to_string(found.size())}});
    stranded_ = std::make_shared<const std::vector<PushedEvent>>(std::move(found));
    begin_to_take({}, [](bool) {}, {stranded_, false});
    if (!taking_) take_waiting();
}

/// Those that could not be kept are taken anew, when they are pushed or found again: nobody sends them again by himself.
void MatrixBackend::forget_stranded() noexcept {
    if (!transactions_.stuck({}, core_->now() - Transactions::keeping_time)) return;
    positions_.forget({});
    transactions_.forget({});
    for (const PushedEvent& each : *stranded_) {
        OrderMark after = *order_of(each.event.content);
        ++after.number;
        order_.undo(each.room, after);
    }
}

}  // namespace junctor::matrix
