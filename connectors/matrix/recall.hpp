#pragma once

#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "connectors/matrix/codec.hpp"
#include "core/model/history_rules.hpp"

namespace junctor::matrix {

/// What rooms hold of the time before the gateway came, for histories that begin: read room by room, the newest first, and told all
/// together, the oldest first. On the backend's core.
class Recall {
public:
    /// What is looked at of all rooms together, wanted or not, and the bytes of it; each room has an equal share.
    static constexpr std::size_t most_events = 100'000;
    static constexpr std::size_t most_bytes = 64U << 20;

    struct Event {
        std::size_t room;
        RoomEvent event;
    };

    void want() {
        *this = Recall();
        wanted_ = true;
    }
    bool wanted() const noexcept { return wanted_; }
    bool begun() const noexcept { return rules_ != nullptr; }
    /// `topics`: of the rooms, empty for the one that is shared. `from`: where they are read from; empty: what they hold by now.
    void begin(HistoryRulesPtr rules, std::vector<std::string> topics, std::string from, std::int64_t now_ms);
    /// The room of which a page is to be read; nothing: all is read that is wanted.
    std::optional<std::size_t> next();
    const std::string& from() const noexcept { return from_; }
    /// A page of it, newest first, that came in so many bytes.
    void take(MessagesPage page, std::size_t bytes);

    /// All of it. Nothing that is older than what one room could not be read back to: no room has a hole. Ends this; `remember`: until
    /// `told` has seen what is later.
    std::vector<Event> finish(bool remember);
    /// Whether the event was among what `finish` gave.
    bool told(const RoomEvent& event);

private:
    std::size_t wanted_of(const RoomEvent& event) const;
    bool wants(const nlohmann::json& message) const;
    bool concerns(const std::string& topic) const;
    void stop_at(std::int64_t since_ms);
    void go_to_next_room();

    bool wanted_ = false;
    HistoryRulesPtr rules_;
    std::vector<std::string> topics_;
    std::uint64_t room_messages_ = 0;  ///< most of one room
    std::size_t room_events_ = 0;
    std::size_t room_bytes_ = 0;
    std::int64_t oldest_ms_ = 0;
    std::string beginning_;

    std::size_t room_ = 0;
    std::string from_;
    std::uint64_t messages_ = 0;  ///< of this room, that histories want
    std::size_t looked_at_ = 0;   ///< likewise, all of them
    std::size_t bytes_ = 0;
    std::vector<Event> events_;      ///< of each room, newest first
    std::int64_t whole_since_ms_ = 0;

    std::unordered_set<std::string> told_;
    std::int64_t told_until_ms_ = 0;
};

}  // namespace junctor::matrix
