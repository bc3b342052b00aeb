#include "gateway/option_checks.hpp"

#include <charconv>
#include <cstdint>

#include "core/base/duration_text.hpp"
#include "core/config/values.hpp"

namespace junctor {

std::string not_a_count(const std::string& text) {
    std::uint64_t count = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, count);
    if (error == std::errc::result_out_of_range) return "must be at most " + std::to_string(UINT64_MAX) + ", not " + config::in_quotes(text);
    if (error == std::errc() && rest == end && count > 0) return {};
    return "must be a whole number from 1 up, not " + config::in_quotes(text);
}

std::string not_a_time(const std::string& text) {
    const auto time = parse_duration(text);
    if (time && *time > Duration::zero()) return {};
    return "must be a time like 250ms, 30s or 5m, from 1us to 49710d, not " + config::in_quotes(text);
}

std::string no_text(const std::string& text) { return text.empty() ? "must not be empty" : ""; }

std::string not_a_qos(const std::string& text) { return text == "0" || text == "1" || text == "2" ? "" : "must be 0, 1 or 2, not " + config::in_quotes(text); }

}  // namespace junctor
