// What the homeserver pushes, where the gateway is its application service: events in transactions, each answered when all of it is kept.

#include <algorithm>

#include "connectors/matrix/backend.hpp"
#include "core/observe/log.hpp"
#include "core/observe/metrics.hpp"
#include "core/ports/http.hpp"
#include "core/runtime/core.hpp"
#include "core/store/journal.hpp"

namespace junctor::matrix {
namespace {

/// Nothing else says that the homeserver is still there, and that it reaches the gateway.
constexpr Duration ping_interval = std::chrono::seconds(20);

/// So long something that is missing is asked for while the homeserver is in trouble; then it comes when it is pushed, late.
constexpr Duration missing_patience = std::chrono::seconds(15);

bool cannot_call(const OutboundAnswer& answer) noexcept {
    const unsigned status = answer.response.status;
    return answer.failure == OutboundFailure::none && (status == 400 || status == 502 || status == 504);
}

}  // namespace

/// Goes both ways: what is published afterwards is pushed, and what was not pushed before comes now.
void MatrixBackend::ping() {
    coming_ = homeserver_->ping([this](OutboundAnswer answer) {
        if (cannot_call(answer)) {
            const Refusal refusal = read_refusal(answer.response.body);
            log_error("matrix", "the homeserver cannot call the gateway: look at 'listen', and whether its registration is the one that is installed",
                      {{"url", settings_.listen.url}, {"code", refusal.code}, {"because", refusal.words}});
        }
        if (!usable(answer, "ping")) return;
        coming_.reset();
        core_->timers().arm(retry_, core_->now() + ping_interval);
        there();
        forget_stranded();
        if (core_->now() < wary_until_) look_at_newest(0);
    });
}

/// Whether it is known which room is which, and what was taken before.
bool MatrixBackend::ready() const noexcept {
    const bool rooms = std::ranges::none_of(rooms_, [](const Room& each) { return each.id.empty(); });
    return rooms && (position_asked_ || !lasting_) && !recall_.wanted() && order_.begun();
}

/// What comes before that waits, since a homeserver that is refused takes the gateway for one that is away: at every start it pushes that the
/// gateway's user has come into the rooms.
void MatrixBackend::pushed(std::string id, PushedEvents events, Transactions::Answer answer) noexcept {
    ++pushes_;
    WaitingTransactions::Entry entry{std::move(id), std::move(events), std::move(answer), core_->now() + WaitingTransactions::patience};
    if (!waiting_.add(entry)) return refuse(entry.answer);
    ready() ? take_waiting() : wait_for_turn();
}

void MatrixBackend::wait_for_turn() noexcept {
    if (!waiting_.empty()) core_->timers().arm(waiting_patience_, waiting_.due());
}

void MatrixBackend::stop_waiting() noexcept {
    waiting_.refuse_until(core_->now());
    be_wary();
    wait_for_turn();
}

void MatrixBackend::take_waiting() noexcept {
    core_->timers().cancel(waiting_patience_);
    while (!taking_) {
        std::optional<WaitingTransactions::Entry> next = waiting_.next();
        if (!next) return;
        take_pushed(std::move(*next));
    }
    wait_for_turn();
}

void MatrixBackend::refuse(const Transactions::Answer& answer) noexcept {
    be_wary();
    answer(false);
}

void MatrixBackend::take_pushed(WaitingTransactions::Entry pushed) noexcept {
    if (transactions_.done(pushed.id)) return pushed.answer(true);
    if (transactions_.stuck(pushed.id, core_->now() - Transactions::keeping_time)) forget_stuck(pushed.id, *pushed.events);
    if (transactions_.under_way(pushed.id)) {
        be_wary();
        transactions_.again(pushed.id, std::move(pushed.answer));
        return keep_transactions();
    }
    if (transactions_.full() || !core_->journal().accepts()) return refuse(pushed.answer);
    begin_to_take(std::move(pushed.id), std::move(pushed.answer), {std::move(pushed.events)});
}

void MatrixBackend::forget_stuck(const std::string& id, const std::vector<PushedEvent>& events) noexcept {
    positions_.forget(id);
    transactions_.forget(id);
    for (const PushedEvent& each : events)
        if (const std::optional<OrderMark> mark = order_of(each.event.content)) order_.undo(each.room, *mark);
}

void MatrixBackend::begin_to_take(std::string id, Transactions::Answer answer, Taking taking) {
    positions_.begin(id, true);
    transactions_.begin(std::move(id), std::move(answer), core_->now());
    taking_ = std::move(taking);
    take_events();
}

/// Stops where one that comes before is missing, until that is here.
void MatrixBackend::take_events() noexcept {
    for (; taking_->next < taking_->events->size(); ++taking_->next) {
        const PushedEvent& each = (*taking_->events)[taking_->next];
        const auto room = std::ranges::find(rooms_, each.room, &Room::id);
        if (room == rooms_.end() || (taking_->pushed && order_.was_early(each.event.id))) continue;
        const std::optional<OrderMark> mark = order_of(each.event.content);
        if (mark && order_.gap(each.room, *mark)) {
            missing_.emplace(each.room, *mark);
            missing_until_ = core_->now() + missing_patience;
            return ask_missing();
        }
        take_event(*room, each.event, mark, taking_->pushed);
    }
    taking_.reset();
    positions_.complete();
    if (lasting_) transactions_.note(order_.dump(core_->now()));
    answer_pushed();
}

void MatrixBackend::take_event(const Room& room, const RoomEvent& event, const std::optional<OrderMark>& mark, bool pushed) noexcept {
    if (mark) order_.take(room.id, *mark, event.at_ms, core_->now());
    if (mark && !pushed) {
        order_.took_early(room.id, *mark, event.id);
        core_->metrics().add(counter("junctor_matrix_left_out_total", "Events that the homeserver had not pushed when they were due, read from their rooms."));
    }
    event_arrived(room, event, recall_.told(event) ? Manner::told : Manner::live);
}

void MatrixBackend::answer_pushed() noexcept {
    if (!positions_.advance()) return;
    transactions_.reached(positions_.reached());
    lasting_ ? keep_transactions() : transactions_.answer(transactions_.kept());
}

/// Before they are answered: a gateway that ends in between hears of them again, and knows them. Where it cannot be written down they are
/// answered all the same, since the next one writes it down as well.
void MatrixBackend::keep_transactions() {
    const std::size_t count = transactions_.kept();
    if (count == 0 || position_call_ || !homeserver_) return;
    position_call_ = homeserver_->keep_transactions(user_, position_name_, transactions_.ids(), transactions_.state(), [this, count](const OutboundAnswer& answer) {
        position_call_.reset();
        if (answer.failure != OutboundFailure::none || answer.response.status != 200)
            log_debug("matrix", "the homeserver does not keep which transactions were taken", {{"status", std::to_string(answer.response.status)}});
        transactions_.answer(count);
        keep_transactions();
    });
}

}  // namespace junctor::matrix
