#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/clock.hpp"

namespace junctor::matrix {

/// The event of a room's state that is a retained value; of its state the only one that is read.
inline constexpr std::string_view retained_event = "junctor.retained";

/// An event of a room's timeline (client-server API, "ClientEvent").
struct RoomEvent {
    std::string id;
    std::string sender;
    std::string type;
    nlohmann::json content;
    std::optional<std::string> state_key{};  ///< of a retained value
    std::int64_t at_ms = 0;                  ///< when it was sent, by its homeserver's clock
};

/// One that a homeserver pushes, and where it happened.
struct PushedEvent {
    std::string room;
    RoomEvent event;
};
/// Those of one transaction.
using PushedEvents = std::shared_ptr<const std::vector<PushedEvent>>;

/// What a sync says of one room.
struct RoomNews {
    std::string room;
    std::vector<RoomEvent> events;  ///< oldest first
    bool limited = false;           ///< older ones were left out: they lie between `before` and where the sync began
    std::string before;
};

struct SyncNews {
    std::string next;
    std::vector<RoomNews> rooms;
};

/// A page of `/messages`.
struct MessagesPage {
    std::vector<RoomEvent> events;  ///< as the page has them
    std::string end;                ///< where the next one begins; empty: there is none
};

/// A homeserver's refusal; empty where it says nothing that can be understood.
struct Refusal {
    std::string code;  ///< `M_...`
    std::string words;
    std::optional<Duration> retry_after;  ///< of `retry_after_ms`
};

/// Nothing where the document is none of these. Never throw for what is in `text`.
std::optional<SyncNews> read_sync(Bytes text);
std::optional<MessagesPage> read_messages(Bytes text);
/// One event alone.
std::optional<RoomEvent> read_event(Bytes text);
/// The retained values of a room's state, in any order.
std::optional<std::vector<RoomEvent>> read_state(Bytes text);
/// A transaction as it is pushed (application service API, "Pushing events"), without what is for others than rooms. Nothing as well where
/// it has more than `most_pushed` events.
std::optional<std::vector<PushedEvent>> read_transaction(Bytes text);
inline constexpr std::size_t most_pushed = 1'000;
Refusal read_refusal(Bytes text);
/// The text member of that name in an object; empty where there is none.
std::string read_member(Bytes text, const char* name);
/// The same of a list of texts.
std::vector<std::string> read_members(Bytes text, const char* name);
/// The same of whatever it is; null where there is none.
nlohmann::json read_any(Bytes text, const char* name);

/// How long to wait after 429: the longer one of `retry_after_ms` and the header `Retry-After`, which counts seconds; between 100 ms and
/// 5 minutes.
Duration pause_after(const Refusal& refusal, std::string_view retry_after) noexcept;

}  // namespace junctor::matrix
