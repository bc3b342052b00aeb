#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/ports/authenticator.hpp"

namespace junctor {

/// Where clients put a token.
struct TokenPlaces {
    bool bearer = true;     ///< `Authorization: Bearer`, what connectors take for it, and the method OAUTHBEARER
    bool password = false;  ///< MQTT and other protocols that know only user and password
};

/// The token that is shown in one of these places; nothing where there is none, and where a method is shown that carries none.
std::optional<std::string_view> shown_token(const Credentials& credentials, const TokenPlaces& places) noexcept;

/// Whether the text has the form of a signed token, whatever is in it: three parts. Others may be opaque ones, or passwords.
bool looks_signed(std::string_view text) noexcept;

}  // namespace junctor
