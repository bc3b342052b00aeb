#include "policy/tokens/shown_token.hpp"

#include <algorithm>

#include "policy/tokens/oauth_bearer.hpp"

namespace junctor {

std::optional<std::string_view> shown_token(const Credentials& credentials, const TokenPlaces& places) noexcept {
    if (!credentials.method.empty())
        return places.bearer && credentials.method == oauth_bearer ? token_of_oauth_bearer(as_text(credentials.data)) : std::nullopt;
    if (places.bearer && !credentials.bearer.empty()) return credentials.bearer;
    if (places.password && credentials.bearer.empty() && !credentials.password.empty()) return credentials.password;
    return std::nullopt;
}

/// The header is a JSON object, whose encoding begins so.
bool looks_signed(std::string_view text) noexcept { return text.starts_with("ey") && std::ranges::count(text, '.') == 2; }

}  // namespace junctor
