#include "core/model/history_position.hpp"

#include <array>
#include <charconv>

namespace junctor {
namespace {

constexpr std::size_t epoch_digits = 16;

template <class Number>
std::optional<Number> whole_number(std::string_view text, int base) noexcept {
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

}  // namespace

std::string epoch_text(std::uint64_t epoch) {
    std::array<char, epoch_digits> digits;
    const char* end = std::to_chars(digits.data(), digits.data() + digits.size(), epoch, 16).ptr;
    const std::string_view significant(digits.data(), end);
    return std::string(epoch_digits - significant.size(), '0').append(significant);
}

std::optional<std::uint64_t> parse_epoch(std::string_view text) noexcept {
    return text.size() == epoch_digits ? whole_number<std::uint64_t>(text, 16) : std::nullopt;
}

std::string to_string(HistoryPosition position) { return epoch_text(position.epoch) + '-' + std::to_string(position.offset); }

std::optional<HistoryPosition> parse_history_position(std::string_view text) noexcept {
    if (text.size() < epoch_digits + 2 || text[epoch_digits] != '-') return std::nullopt;
    const auto epoch = parse_epoch(text.substr(0, epoch_digits));
    const auto offset = whole_number<std::uint64_t>(text.substr(epoch_digits + 1), 10);
    if (!epoch || !offset) return std::nullopt;
    return HistoryPosition{*epoch, *offset};
}

}  // namespace junctor
