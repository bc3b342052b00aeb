#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace junctor::rest {

/// How a message of a durable session is known to its client: `<epoch>-<sequence>`. The epoch tells two lives of one name apart.
struct EventId {
    std::uint64_t epoch = 0;
    std::uint64_t sequence = 0;

    friend bool operator==(const EventId&, const EventId&) = default;
};

std::string to_string(const EventId& id);
/// Nothing for anything else.
std::optional<EventId> event_id_in(std::string_view text) noexcept;

}  // namespace junctor::rest
