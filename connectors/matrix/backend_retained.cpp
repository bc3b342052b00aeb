// Retained values: events of a room's state, whose key is the topic. What stands is read when the homeserver is there, and goes on with what comes.

#include <algorithm>

#include "connectors/matrix/backend.hpp"
#include "core/observe/log.hpp"
#include "core/ports/http.hpp"
#include "core/runtime/core.hpp"

namespace junctor::matrix {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t longest_key = 255;  // client-server API, "Size limits"

constexpr Duration patience = std::chrono::seconds(5);

RetainedState::Value value_of(const RoomEvent& event, const ArrivedMessage& message) {
    return {event.id, event.at_ms, event.content.at(envelope_key).dump(), message.payload.empty()};
}

}  // namespace

/// What was acknowledged to anybody before is to be among what is replayed: the homeserver is asked what there is by now.
void MatrixBackend::subscribe(const TopicFilter& filter, std::string_view group) noexcept {
    if (!available_) return sink_->subscribed(filter, group, Errc::unavailable);
    to_replay_.push_back(filter);
    hurry();
}

/// One question for all who ask meanwhile: they are answered by the next one.
void MatrixBackend::hurry() {
    if (to_replay_.empty() || !replaying_.empty() || news_) return;
    if (!listens()) return sync();
    replaying_ = std::exchange(to_replay_, {});
    look_at(0);
}

/// Where events are pushed, nothing says up to where they have been.
void MatrixBackend::look_at(std::size_t room) {
    const auto wanted = [this](const Room& each) {
        const Result<Topic> topic = Topic::parse({}, each.topic);
        return each.topic.empty() || std::ranges::any_of(replaying_, [&](const TopicFilter& filter) { return topic && filter.matches(*topic); });
    };
    while (room < rooms_.size() && !wanted(rooms_[room])) ++room;
    if (room == rooms_.size()) return looked();
    look_call_ = homeserver_->state(rooms_[room].id, [this, room](OutboundAnswer answer) {
        look_call_.reset();
        if (read_state_of(rooms_[room], answer, &RetainedState::expect)) look_at(room + 1);
    });
}

void MatrixBackend::looked() noexcept {
    if (retained_.complete()) return replay(std::exchange(replaying_, {}));
    core_->timers().arm(look_patience_, core_->now() + patience);
}

/// It should have been pushed by now. It may come twice: now as what stands, and when it is pushed.
void MatrixBackend::stop_expecting() noexcept {
    retained_.give_up(true);
    replay(std::exchange(replaying_, {}));
}

/// Whoever hears of it may subscribe to more, which waits for the next question.
void MatrixBackend::replay(const std::vector<TopicFilter>& filters) noexcept {
    core_->timers().cancel(look_patience_);
    for (const TopicFilter& filter : filters) {
        retained_.each(filter, [this](const Topic& topic, const RetainedState::Value& value) { replay(topic, value); });
        sink_->subscribed(filter, {}, Errc::ok);
    }
    if (listens()) hurry();
}

/// As long as it has left: it may have stood for a while.
void MatrixBackend::replay(const Topic& topic, const RetainedState::Value& value) noexcept {
    ArrivedMessage message;
    const auto json = nlohmann::json::parse(value.message, nullptr, false);
    if (!message.set_topic(topic.tenant(), std::string(topic.text())) || !from_json(json, gateway_, message)) return;
    if (message.draft.ttl) {
        *message.draft.ttl -= core_->wall().time_since_epoch() - milliseconds(value.at_ms);
        if (*message.draft.ttl <= Duration::zero()) return;
    }
    message.draft.retain = true;
    deliver(message, Manner::replayed, value.at_ms);
}

/// A key is part of what homeservers index, so a longer topic has none. What is sent is another event than the one before, though it says
/// the same: whoever subscribes gets both.
Errc MatrixBackend::fill_retained(const Envelope& envelope, Unsent& unsent) const {
    std::optional<std::string> message = to_json(envelope, core_->now(), gateway_, unsent.room == 0);
    if (!message) return Errc::denied;
    const std::string key = RetainedState::key_of(envelope.topic());
    if (key.size() > longest_key || message->size() > most_content) return Errc::too_large;
    if (!retained_.fits(envelope.topic(), message->size())) return Errc::quota_exceeded;
    unsent.type = retained_event;
    unsent.content = std::move(*message);
    unsent.state_key = unsent.room == 0 ? key : std::string();
    return Errc::ok;
}

std::string MatrixBackend::content_of_retained(const std::string& transaction, const std::string& message) {
    return "{\"transaction\":\"" + transaction + "\",\"" + envelope_key + "\":" + message + '}';
}

/// Once: then what comes says all.
void MatrixBackend::load_state() {
    if (state_known_) return state_loaded();
    retained_.clear();
    load_state_of(0);
}

void MatrixBackend::load_state_of(std::size_t room) {
    if (room == rooms_.size()) return state_loaded();
    coming_ = homeserver_->state(rooms_[room].id, [this, room](OutboundAnswer answer) {
        if (read_state_of(rooms_[room], answer, &RetainedState::stands)) load_state_of(room + 1);
    });
}

/// A gateway that was put out of a room goes on in the others.
bool MatrixBackend::read_state_of(const Room& room, const OutboundAnswer& answer, void (RetainedState::*take)(const Topic&, RetainedState::Value)) {
    if (answer.failure == OutboundFailure::none && answer.response.status == 403) {
        log_warning("matrix", "the homeserver does not show the gateway a room: is it a member?", {{"room", room.name}});
        return true;
    }
    if (!usable(answer, "what stands in a room")) return false;
    const std::optional<std::vector<RoomEvent>> state = read_state(answer.response.body);
    if (!state) return away("what it says is no state"), false;
    for (const RoomEvent& event : *state) {
        ArrivedMessage message;
        if (read_value(room, event, message)) (retained_.*take)(message.draft.topic, value_of(event, message));
    }
    return true;
}

void MatrixBackend::state_loaded() {
    coming_.reset();
    state_known_ = true;
    if (listens()) return ping();
    there();
    keep_position_soon();
    sync();
}

/// False where it is no value of ours, or stands under another topic's key.
bool MatrixBackend::read_value(const Room& room, const RoomEvent& event, ArrivedMessage& message) const {
    const auto ours = event.content.find(envelope_key);
    if (ours == event.content.end() || (!room.topic.empty() && !message.set_topic({}, room.topic)) || !from_json(*ours, gateway_, message)) return false;
    const Topic& topic = message.draft.topic;
    return !topic.reserved() && *event.state_key == (room.topic.empty() ? RetainedState::key_of(topic) : std::string());
}

/// One that was sent before the gateway looked comes like any message: what stands is later.
void MatrixBackend::retained_arrived(const Room& room, const RoomEvent& event, Manner manner) noexcept {
    ArrivedMessage message;
    if (!read_value(room, event, message)) return;
    if (manner == Manner::past) {
        message.draft.retain = true;
        return deliver(message, manner, event.at_ms);
    }
    RetainedState::Value value = value_of(event, message);
    if (!retained_.fits(message.draft.topic, value.message.size()))
        log_error("matrix", "there are more retained values than fit: who comes later does not get this one", {{"topic", message.topic}});
    message.draft.retain = retained_.arrived(message.draft.topic, std::move(value));
    deliver(message, manner, event.at_ms);
    if (look_patience_.armed() && retained_.complete()) replay(std::exchange(replaying_, {}));
}

}  // namespace junctor::matrix
