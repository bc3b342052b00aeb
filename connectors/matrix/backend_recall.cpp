// What was published before the gateway came, for its histories: the rooms are read back by `/messages`, before anything else comes from them.

#include "connectors/matrix/backend.hpp"
#include "core/observe/log.hpp"
#include "core/runtime/core.hpp"

namespace junctor::matrix {

/// It goes on where it was when the homeserver was away, or asked for patience, in between.
void MatrixBackend::look_back() {
    if (!recall_.wanted()) {
        take_waiting();
        return listens() ? load_state() : sync();
    }
    if (!recall_.begun()) {
        std::vector<std::string> topics;
        for (const Room& each : rooms_) topics.push_back(each.topic);
        recall_.begin(sink_->history_rules(), std::move(topics), since_, core_->wall().time_since_epoch().count());
    }
    const std::optional<std::size_t> room = recall_.next();
    if (!room) return tell_past();
    coming_ = homeserver_->messages(rooms_[*room].id, recall_.from(), {}, event_filter_, [this](OutboundAnswer answer) { past_page(std::move(answer)); });
}

void MatrixBackend::past_page(OutboundAnswer answer) noexcept {
    const unsigned status = answer.failure == OutboundFailure::none ? answer.response.status : 0;
    const bool refused = status == 400 || status == 403 || status == 404;
    if (refused)
        log_warning("matrix", "the homeserver does not say what was in a room before: its history begins now",
                    {{"room", rooms_[*recall_.next()].name}, {"status", std::to_string(status)}, {"because", read_refusal(answer.response.body).words}});
    else if (!usable(answer, "what was in a room before"))
        return;
    std::optional<MessagesPage> page = refused ? MessagesPage() : read_messages(answer.response.body);
    if (!page) return away("what it says is no page of messages");
    recall_.take(std::move(*page), answer.response.body.size());
    look_back();
}

void MatrixBackend::tell_past() {
    const std::vector<Recall::Event> past = recall_.finish(listens());
    for (const Recall::Event& each : past) event_arrived(rooms_[each.room], each.event, Manner::past);
    sink_->past_told();
    log_info("matrix", "histories begin with what the rooms hold", {{"events", std::to_string(past.size())}});
    look_back();
}

/// Nobody knows what has come since they were here.
void MatrixBackend::begin_histories_anew() {
    sink_->history_broken();
    recall_.want();
    look_back();
}

}  // namespace junctor::matrix
