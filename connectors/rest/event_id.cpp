#include "connectors/rest/event_id.hpp"

#include <array>
#include <charconv>

namespace junctor::rest {
namespace {

bool read_whole(std::string_view text, int base, std::uint64_t& out) noexcept {
    const char* const end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, out, base);
    return error == std::errc() && stopped == end;
}

}  // namespace

std::string to_string(const EventId& id) {
    std::array<char, 16> digits;
    const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), id.epoch, 16);
    return std::string(digits.data(), end) + '-' + std::to_string(id.sequence);
}

std::optional<EventId> event_id_in(std::string_view text) noexcept {
    EventId id;
    const std::size_t dash = text.find('-');
    if (dash == std::string_view::npos || !read_whole(text.substr(0, dash), 16, id.epoch)) return std::nullopt;
    if (!read_whole(text.substr(dash + 1), 10, id.sequence)) return std::nullopt;
    return id;
}

}  // namespace junctor::rest
