#include "connectors/matrix/codec.hpp"
#include "connectors/matrix/event_order.hpp"
#include "connectors/matrix/mapping.hpp"
#include "connectors/matrix/missing_events.hpp"

using namespace junctor;

namespace {

/// What was read is written, and read as the same.
void round_trip(const nlohmann::json& message) {
    ArrivedMessage read;
    if (!matrix::from_json(message, "me", read)) return;
    const TimePoint now{};
    const EnvelopePtr envelope = Envelope::make(std::move(read.draft), {{}, read.origin, nullptr, now});
    const std::optional<std::string> written = matrix::to_json(*envelope, now, "me", true);
    if (!written) return;  // crossed too many
    ArrivedMessage back;
    if (!matrix::from_json(nlohmann::json::parse(*written), "me", back)) std::abort();
    if (back.topic != envelope->topic_text() || !std::ranges::equal(back.payload, envelope->payload())) std::abort();
}

/// A mark is read as it is written, and whatever it says, no event leads to itself.
void read_order(const matrix::RoomEvent& event) {
    const std::optional<matrix::OrderMark> mark = matrix::order_of(event.content);
    if (!mark) return;
    const std::optional<matrix::OrderMark> back = matrix::order_of(nlohmann::json::parse(matrix::with_order(R"({"messages":[]})", *mark)));
    if (!back || back->chain != mark->chain || back->number != mark->number || back->after != mark->after) std::abort();
    matrix::TakenOrder taken;
    matrix::MissingEvents missing("!room", *mark);
    if (missing.found(event, 1, taken) != matrix::MissingEvents::Next::broken) std::abort();
    taken.take("!room", *mark, event.at_ms, {});
    if (taken.gap("!room", *mark) || taken.unseen("!room", *mark, event.at_ms)) std::abort();
}

/// What a gateway wrote down it understands; what somebody else did harms nobody.
void restore(const nlohmann::json& dumped) {
    matrix::TakenOrder taken;
    taken.restore(dumped, {});
    const std::string once = taken.dump({});
    matrix::TakenOrder again;
    again.restore(nlohmann::json::parse(once), {});
    if (again.dump({}) != once) std::abort();
}

void read_event(const matrix::RoomEvent& event) {
    read_order(event);
    ArrivedMessage single;
    if (single.set_topic({}, "t")) static_cast<void>(matrix::from_single_event(event.type, event.content, "me", single));
    const auto messages = event.content.find("messages");
    if (messages == event.content.end() || !messages->is_array()) return;
    for (const auto& each : *messages) round_trip(each);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Bytes text{data, size};
    if (const auto news = matrix::read_sync(text))
        for (const matrix::RoomNews& room : news->rooms)
            for (const matrix::RoomEvent& event : room.events) read_event(event);
    if (const auto page = matrix::read_messages(text))
        for (const matrix::RoomEvent& event : page->events) read_event(event);
    if (const auto state = matrix::read_state(text))
        for (const matrix::RoomEvent& each : *state) {
            if (!each.state_key || each.at_ms < 0) std::abort();
            if (const auto ours = each.content.find(matrix::envelope_key); ours != each.content.end()) round_trip(*ours);
        }
    if (const auto pushed = matrix::read_transaction(text)) {
        if (pushed->size() > matrix::most_pushed) std::abort();
        for (const matrix::PushedEvent& each : *pushed) read_event(each.event);
    }
    if (const auto event = matrix::read_event(text)) read_event(*event);
    restore(matrix::read_any(text, "order"));
    for (const std::string& each : matrix::read_members(text, "transactions"))
        if (each.size() > size) std::abort();
    const Duration pause = matrix::pause_after(matrix::read_refusal(text), as_text(text));
    if (pause < std::chrono::milliseconds(100) || pause > std::chrono::minutes(5)) std::abort();
    return 0;
}
