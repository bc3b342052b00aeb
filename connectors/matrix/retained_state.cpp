#include "connectors/matrix/retained_state.hpp"

#include <algorithm>
#include <utility>

namespace junctor::matrix {
namespace {

bool covers(const TopicFilter& filter, const Topic& topic) noexcept { return topic.tenant() == filter.tenant() && filter.matches(topic); }

}  // namespace

void RetainedState::stands(const Topic& topic, Value value) {
    const auto at = values_.find(key_of(topic));
    if (at != values_.end() && (at->second.value.event == value.event || at->second.value.at_ms >= value.at_ms)) return;
    put(topic, std::move(value));
}

bool RetainedState::arrived(const Topic& topic, Value value) {
    const auto at = values_.find(key_of(topic));
    const bool another_stood = at != values_.end() && !at->second.value.seen && at->second.value.event != value.event;
    if (another_stood && value.at_ms < at->second.value.at_ms) return false;
    value.seen = true;
    const auto expected = expected_.find(key_of(topic));
    if (expected != expected_.end() && (expected->second.value.event == value.event || expected->second.value.at_ms <= value.at_ms)) expected_.erase(expected);
    put(topic, std::move(value));
    return true;
}

void RetainedState::expect(const Topic& topic, Value value) {
    const auto at = values_.find(key_of(topic));
    const bool known = at != values_.end() && (at->second.value.event == value.event || (at->second.value.seen && at->second.value.at_ms >= value.at_ms));
    if (!known) entry_for(expected_, topic).value = std::move(value);
}

void RetainedState::give_up(bool stands) {
    for (auto& [key, entry] : std::exchange(expected_, {}))
        if (stands) put(entry.topic, std::move(entry.value));
}

RetainedState::Entry& RetainedState::entry_for(Entries& entries, const Topic& topic) {
    const auto at = entries.try_emplace(key_of(topic)).first;
    const std::string_view key = at->first;
    at->second.topic = Topic::trusted(topic.tenant(), key.substr(key.find(':') + 1), topic.hash());
    return at->second;
}

void RetainedState::put(const Topic& topic, Value value) {
    const bool fitting = fits(topic, value.message.size());
    if (const auto at = values_.find(key_of(topic)); at != values_.end()) {
        bytes_ -= at->second.value.message.size();
        at->second.value.message.clear();
        if (!fitting) values_.erase(at);
    }
    if (!fitting) return;
    bytes_ += value.message.size();
    entry_for(values_, topic).value = std::move(value);
}

bool RetainedState::fits(const Topic& topic, std::size_t bytes) const noexcept {
    const auto at = values_.find(key_of(topic));
    const std::size_t before = at == values_.end() ? 0 : at->second.value.message.size();
    if (at == values_.end() && values_.size() >= most_topics) return false;
    return bytes <= before || bytes_ - before + bytes <= most_bytes;
}

void RetainedState::each(const TopicFilter& filter, const std::function<void(const Topic&, const Value&)>& call) const {
    for (const auto& [key, entry] : values_)
        if (!entry.value.cleared && covers(filter, entry.topic)) call(entry.topic, entry.value);
}

}  // namespace junctor::matrix
