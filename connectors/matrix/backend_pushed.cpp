// What the homeserver pushes, where the gateway is its application service: events in transactions, each answered when all of it is kept.

#include <algorithm>

#include "connectors/matrix/backend.hpp"
#include "core/observe/log.hpp"
#include "core/ports/http.hpp"
#include "core/runtime/core.hpp"
#include "core/store/journal.hpp"

namespace junctor::matrix {
namespace {

/// Nothing else says that the homeserver is still there, and that it reaches the gateway.
constexpr Duration ping_interval = std::chrono::seconds(20);

/// What is not kept after so long is delivered anew when it comes again: whoever had to keep it could not.
constexpr Duration keeping_time = std::chrono::seconds(30);

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
    });
}

/// Whether it is known which room is which, and what was taken before.
bool MatrixBackend::ready() const noexcept {
    const bool rooms = std::ranges::none_of(rooms_, [](const Room& each) { return each.id.empty(); });
    return rooms && (position_asked_ || !lasting_) && !recall_.wanted();
}

/// What comes before that waits, since a homeserver that is refused takes the gateway for one that is away: at every start it pushes that the
/// gateway's user has come into the rooms.
void MatrixBackend::pushed(std::string id, PushedEvents events, Transactions::Answer answer) noexcept {
    WaitingTransactions::Entry entry{std::move(id), std::move(events), std::move(answer), core_->now() + WaitingTransactions::patience};
    if (!waiting_.add(entry)) return entry.answer(false);
    if (ready()) return take_waiting();
    if (!waiting_patience_.armed()) core_->timers().arm(waiting_patience_, waiting_.due());
}

void MatrixBackend::stop_waiting() noexcept {
    waiting_.refuse_until(core_->now());
    if (!waiting_.empty()) core_->timers().arm(waiting_patience_, waiting_.due());
}

void MatrixBackend::take_waiting() noexcept {
    core_->timers().cancel(waiting_patience_);
    while (std::optional<WaitingTransactions::Entry> next = waiting_.next()) take_pushed(std::move(next->id), *next->events, std::move(next->answer));
}

void MatrixBackend::take_pushed(std::string id, const std::vector<PushedEvent>& events, Transactions::Answer answer) noexcept {
    if (transactions_.done(id)) return answer(true);
    if (transactions_.stuck(id, core_->now() - keeping_time)) {
        positions_.forget(id);
        transactions_.forget(id);
    }
    if (transactions_.under_way(id)) {
        transactions_.again(id, std::move(answer));
        return keep_transactions();
    }
    if (transactions_.full() || !core_->journal().accepts()) return answer(false);
    positions_.begin(id, true);
    transactions_.begin(std::move(id), std::move(answer), core_->now());
    for (const PushedEvent& each : events) {
        const auto room = std::ranges::find(rooms_, each.room, &Room::id);
        if (room != rooms_.end()) event_arrived(*room, each.event, recall_.told(each.event) ? Manner::told : Manner::live);
    }
    positions_.complete();
    answer_pushed();
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
    position_call_ = homeserver_->keep_transactions(user_, position_name_, transactions_.ids(), [this, count](const OutboundAnswer& answer) {
        position_call_.reset();
        if (answer.failure != OutboundFailure::none || answer.response.status != 200)
            log_debug("matrix", "the homeserver does not keep which transactions were taken", {{"status", std::to_string(answer.response.status)}});
        transactions_.answer(count);
        keep_transactions();
    });
}

}  // namespace junctor::matrix
