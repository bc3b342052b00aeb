#include "connectors/matrix/codec.hpp"

#include <algorithm>
#include <charconv>

#include "core/base/json.hpp"

namespace junctor::matrix {
namespace {

using nlohmann::json;

constexpr JsonLimits limits{.nesting = 100, .bytes = 32U << 20, .values = 4'000'000};

constexpr std::uint64_t latest_ms = std::uint64_t{1} << 52;  // some hundred thousand years

constexpr Duration shortest_pause = std::chrono::milliseconds(100);
constexpr Duration longest_pause = std::chrono::minutes(5);
constexpr std::uint64_t longest_pause_ms = 300'000;

std::optional<json> read_object(Bytes text) {
    Result<json> document = parse_json(text, limits);
    if (!document || !document->is_object()) return std::nullopt;
    return std::move(*document);
}

const json* member(const json& object, const char* name) {
    if (!object.is_object()) return nullptr;
    const auto at = object.find(name);
    return at == object.end() ? nullptr : &*at;
}

std::string text_of(const json& object, const char* name) {
    const json* const value = member(object, name);
    return value && value->is_string() ? value->get<std::string>() : std::string();
}

/// State has a key, and is no message but where it is a retained value.
std::optional<RoomEvent> event_of(const json& from) {
    const json* const content = member(from, "content");
    if (!content || !content->is_object()) return std::nullopt;
    RoomEvent event{text_of(from, "event_id"), text_of(from, "sender"), text_of(from, "type"), *content};
    const json* const key = member(from, "state_key");
    if (event.id.empty() || event.type.empty() || (key != nullptr) != (event.type == retained_event)) return std::nullopt;
    if (key && !key->is_string()) return std::nullopt;
    if (key) event.state_key = key->get<std::string>();
    const json* const at = member(from, "origin_server_ts");
    if (at && at->is_number_unsigned() && at->get<std::uint64_t>() <= latest_ms) event.at_ms = at->get<std::int64_t>();
    return event;
}

void read_events(const json* from, std::vector<RoomEvent>& to) {
    if (!from || !from->is_array()) return;
    for (const json& each : *from)
        if (std::optional<RoomEvent> event = event_of(each)) to.push_back(std::move(*event));
}

}  // namespace

std::optional<SyncNews> read_sync(Bytes text) {
    const std::optional<json> document = read_object(text);
    if (!document) return std::nullopt;
    SyncNews news;
    news.next = text_of(*document, "next_batch");
    if (news.next.empty()) return std::nullopt;
    const json* const rooms = member(*document, "rooms");
    const json* const joined = rooms ? member(*rooms, "join") : nullptr;
    if (!joined || !joined->is_object()) return news;
    for (const auto& [name, room] : joined->items()) {
        const json* const timeline = member(room, "timeline");
        if (!timeline) continue;
        RoomNews of_room;
        of_room.room = name;
        read_events(member(*timeline, "events"), of_room.events);
        const json* const limited = member(*timeline, "limited");
        of_room.limited = limited && *limited == true;
        of_room.before = text_of(*timeline, "prev_batch");
        news.rooms.push_back(std::move(of_room));
    }
    return news;
}

std::optional<MessagesPage> read_messages(Bytes text) {
    const std::optional<json> document = read_object(text);
    if (!document) return std::nullopt;
    const json* const chunk = member(*document, "chunk");
    if (!chunk || !chunk->is_array()) return std::nullopt;
    MessagesPage page;
    read_events(chunk, page.events);
    page.end = chunk->empty() ? std::string() : text_of(*document, "end");
    return page;
}

std::optional<RoomEvent> read_event(Bytes text) {
    const std::optional<json> document = read_object(text);
    return document ? event_of(*document) : std::nullopt;
}

std::optional<std::vector<RoomEvent>> read_state(Bytes text) {
    const Result<json> document = parse_json(text, limits);
    if (!document || !document->is_array()) return std::nullopt;
    std::vector<RoomEvent> state;
    for (const json& each : *document)
        if (std::optional<RoomEvent> event = event_of(each); event && event->state_key) state.push_back(std::move(*event));
    return state;
}

std::optional<std::vector<PushedEvent>> read_transaction(Bytes text) {
    const std::optional<json> document = read_object(text);
    const json* const events = document ? member(*document, "events") : nullptr;
    if (!events || !events->is_array() || events->size() > most_pushed) return std::nullopt;
    std::vector<PushedEvent> pushed;
    for (const json& each : *events) {
        std::string room = text_of(each, "room_id");
        std::optional<RoomEvent> event = event_of(each);
        if (event && !room.empty()) pushed.push_back({std::move(room), std::move(*event)});
    }
    return pushed;
}

Refusal read_refusal(Bytes text) {
    Refusal refusal;
    const std::optional<json> document = read_object(text);
    if (!document) return refusal;
    refusal.code = text_of(*document, "errcode");
    refusal.words = text_of(*document, "error");
    const json* const pause = member(*document, "retry_after_ms");
    if (pause && pause->is_number_unsigned())
        refusal.retry_after = std::chrono::milliseconds(std::min(pause->get<std::uint64_t>(), longest_pause_ms));
    return refusal;
}

std::string read_member(Bytes text, const char* name) {
    const std::optional<json> document = read_object(text);
    return document ? text_of(*document, name) : std::string();
}

std::vector<std::string> read_members(Bytes text, const char* name) {
    std::vector<std::string> all;
    const std::optional<json> document = read_object(text);
    const json* const list = document ? member(*document, name) : nullptr;
    if (!list || !list->is_array()) return all;
    for (const json& each : *list)
        if (each.is_string()) all.push_back(each.get<std::string>());
    return all;
}

json read_any(Bytes text, const char* name) {
    const std::optional<json> document = read_object(text);
    const json* const value = document ? member(*document, name) : nullptr;
    return value ? *value : json();
}

Duration pause_after(const Refusal& refusal, std::string_view retry_after) noexcept {
    Duration pause = refusal.retry_after.value_or(Duration::zero());
    std::uint64_t seconds = 0;
    if (std::from_chars(retry_after.data(), retry_after.data() + retry_after.size(), seconds).ec == std::errc())
        pause = std::max<Duration>(pause, std::chrono::seconds(std::min(seconds, longest_pause_ms / 1'000)));
    return std::clamp(pause, shortest_pause, longest_pause);
}

}  // namespace junctor::matrix
