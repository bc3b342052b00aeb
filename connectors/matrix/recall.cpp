#include "connectors/matrix/recall.hpp"

#include <algorithm>
#include <utility>

#include "connectors/matrix/mapping.hpp"

namespace junctor::matrix {
namespace {

using nlohmann::json;

std::int64_t milliseconds(Duration time) { return std::chrono::duration_cast<std::chrono::milliseconds>(time).count(); }

}  // namespace

void Recall::begin(HistoryRulesPtr rules, std::vector<std::string> topics, std::string from, std::int64_t now_ms) {
    rules_ = std::move(rules);
    topics_ = std::move(topics);
    from_ = beginning_ = std::move(from);
    const auto rooms = static_cast<std::size_t>(std::ranges::count_if(topics_, [this](const std::string& topic) { return concerns(topic); }));
    room_events_ = most_events / std::max<std::size_t>(rooms, 1);
    const std::size_t share = most_bytes / std::max<std::size_t>(rooms, 1);
    Duration age{};
    for (std::uint16_t number = 1; number <= rules_->size(); ++number) {
        const HistoryBounds& bounds = rules_->rule(number).bounds;
        room_messages_ += std::min<std::uint64_t>(bounds.messages, most_events);
        room_bytes_ = std::min(room_bytes_ + std::min(bounds.bytes, share), share);
        age = std::max(age, bounds.age);
    }
    oldest_ms_ = std::max<std::int64_t>(now_ms - milliseconds(age), 0);
}

std::optional<std::size_t> Recall::next() {
    while (room_ < topics_.size() && !concerns(topics_[room_])) go_to_next_room();
    return room_ < topics_.size() ? std::optional(room_) : std::nullopt;
}

bool Recall::concerns(const std::string& topic) const {
    if (topic.empty()) return !rules_->empty();
    const Result<Topic> parsed = Topic::parse({}, topic);
    return parsed && rules_->keeper_of(*parsed) != 0;
}

void Recall::go_to_next_room() {
    ++room_;
    from_ = beginning_;
    messages_ = 0;
    looked_at_ = bytes_ = 0;
}

void Recall::take(MessagesPage page, std::size_t bytes) {
    bytes_ += bytes;
    looked_at_ += page.events.size();
    const std::int64_t back_to_ms = page.events.empty() ? 0 : page.events.back().at_ms;
    for (RoomEvent& each : page.events) {
        if (each.at_ms < oldest_ms_) return go_to_next_room();
        if (messages_ >= room_messages_) return stop_at(each.at_ms + 1);
        const std::size_t wanted = wanted_of(each);
        messages_ += wanted;
        if (wanted != 0) events_.push_back({room_, std::move(each)});
    }
    if (page.end.empty() || page.end == from_) return go_to_next_room();
    if (looked_at_ >= room_events_ || bytes_ >= room_bytes_) return stop_at(back_to_ms);
    from_ = std::move(page.end);
}

/// There is more of this room, and it is not read.
void Recall::stop_at(std::int64_t since_ms) {
    whole_since_ms_ = std::max(whole_since_ms_, since_ms);
    go_to_next_room();
}

std::size_t Recall::wanted_of(const RoomEvent& event) const {
    if (!topics_[room_].empty()) return 1;
    const auto ours = event.content.find(event.type == shared_event ? "messages" : envelope_key);
    if (ours == event.content.end()) return 0;
    if (!ours->is_array()) return wants(*ours) ? 1 : 0;
    return static_cast<std::size_t>(std::ranges::count_if(*ours, [this](const json& each) { return wants(each); }));
}

bool Recall::wants(const json& message) const {
    if (!message.is_object()) return false;
    const auto topic = message.find("topic");
    const auto tenant = message.find("tenant");
    if (topic == message.end() || !topic->is_string()) return false;
    const bool numbered = tenant != message.end() && tenant->is_number_unsigned();
    const TenantId owner{numbered ? static_cast<decltype(TenantId::value)>(tenant->get<std::uint64_t>()) : decltype(TenantId::value){}};
    const Result<Topic> parsed = Topic::parse(owner, topic->get_ref<const std::string&>());
    return parsed && rules_->keeper_of(*parsed) != 0;
}

/// Rooms know no order among each other but that of the homeserver's clock, which may go back; within a room it does not count.
std::vector<Recall::Event> Recall::finish(bool remember) {
    std::vector<Event> events = std::move(events_);
    std::ranges::reverse(events);
    std::vector<std::int64_t> latest(topics_.size());
    for (Event& each : events) each.event.at_ms = latest[each.room] = std::max(latest[each.room], each.event.at_ms);
    std::erase_if(events, [this](const Event& each) { return each.event.at_ms < whole_since_ms_; });
    std::ranges::stable_sort(events, {}, [](const Event& each) { return each.event.at_ms; });
    *this = Recall();
    if (!remember || events.empty()) return events;
    for (const Event& each : events) told_.insert(each.event.id);
    told_until_ms_ = events.back().event.at_ms;
    return events;
}

bool Recall::told(const RoomEvent& event) {
    if (event.at_ms > told_until_ms_) told_.clear();
    return told_.erase(event.id) != 0;
}

}  // namespace junctor::matrix
