#include "policy/tokens/oauth_bearer.hpp"

#include "core/base/ascii.hpp"

namespace junctor {
namespace {

constexpr char separator = '\1';
constexpr std::string_view key = "auth=";
constexpr std::string_view scheme = "bearer ";

/// Without channel binding: `n`, or `y` of a client that would have it.
bool takes_header(std::string_view& message) noexcept {
    constexpr std::string_view rest = ",,\1";
    if (message.empty() || (message.front() != 'n' && message.front() != 'y') || message.substr(1, rest.size()) != rest) return false;
    message.remove_prefix(1 + rest.size());
    return true;
}

std::optional<std::string_view> token_in(std::string_view value) noexcept {
    if (value.size() <= scheme.size() || !equal_ignoring_case(value.substr(0, scheme.size()), scheme)) return std::nullopt;
    return value.substr(scheme.size());
}

}  // namespace

std::optional<std::string_view> token_of_oauth_bearer(std::string_view message) noexcept {
    if (!takes_header(message)) return std::nullopt;
    std::optional<std::string_view> token;
    for (std::size_t end; (end = message.find(separator)) != 0; message.remove_prefix(end + 1)) {
        if (end == std::string_view::npos) return std::nullopt;
        const std::string_view pair = message.substr(0, end);
        if (!pair.starts_with(key)) continue;
        if (token) return std::nullopt;
        token = token_in(pair.substr(key.size()));
        if (!token) return std::nullopt;
    }
    return message.size() == 1 ? token : std::nullopt;
}

}  // namespace junctor
