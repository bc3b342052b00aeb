#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/matrix/codec.hpp"
#include "core/model/topic.hpp"
#include "core/model/topic_filter.hpp"

namespace junctor::matrix {

/// The retained values of the rooms, as their state says: what stands when the gateway comes, and what has come since. On the backend's core.
class RetainedState {
public:
    /// What rooms hold at most, values that were cleared included: a homeserver gives all of it in one answer.
    static constexpr std::size_t most_topics = 10'000;
    static constexpr std::size_t most_bytes = 16U << 20;

    struct Value {
        std::string event;       ///< its id
        std::int64_t at_ms = 0;  ///< when it was sent, by the homeserver's clock
        std::string message;     ///< its JSON
        bool cleared = false;
        bool seen = false;  ///< came since; else it is one that stood
    };

    /// The key of a topic's value in the state of the shared room. One could begin with `@`, which would make it a user's own.
    static std::string key_of(const Topic& topic) { return std::to_string(topic.tenant().value) + ':' + std::string(topic.text()); }

    void clear() {
        values_.clear();
        expected_.clear();
        bytes_ = 0;
    }
    /// One that stands. What has come since the homeserver was asked may be later.
    void stands(const Topic& topic, Value value);
    /// One that has come. False where what stands is later than that: it was sent before the gateway looked.
    bool arrived(const Topic& topic, Value value);
    /// One that stands when the state is looked at again. What is not known of it is on its way, and expected to come.
    void expect(const Topic& topic, Value value);
    /// Everything that was expected has come.
    bool complete() const noexcept { return expected_.empty(); }
    /// What was expected stands all the same, or with `false` is of no interest any more.
    void give_up(bool stands);
    /// Whether there is room for a value of that many bytes; one that does not fit is not there.
    bool fits(const Topic& topic, std::size_t bytes) const noexcept;

    void each(const TopicFilter& filter, const std::function<void(const Topic& topic, const Value& value)>& call) const;

private:
    struct Entry {
        Topic topic;  ///< a view of the key
        Value value;
    };
    using Entries = std::map<std::string, Entry, std::less<>>;  ///< by key

    static Entry& entry_for(Entries& entries, const Topic& topic);
    void put(const Topic& topic, Value value);

    Entries values_;
    Entries expected_;
    std::size_t bytes_ = 0;
};

}  // namespace junctor::matrix
