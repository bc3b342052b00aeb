#pragma once

#include <optional>
#include <string_view>

namespace junctor {

/// The SASL mechanism by which a client shows a token where it can show a mechanism and data (RFC 7628), and shows the next one in an open session.
inline constexpr std::string_view oauth_bearer = "OAUTHBEARER";

/// The token in the client's one message: `n,,^Aauth=Bearer TOKEN^A^A`, with whatever pairs beside (section 3.1). A view into it. Nothing where it
/// is none, and where somebody asks to be somebody else (an authzid), for whom no token speaks.
std::optional<std::string_view> token_of_oauth_bearer(std::string_view message) noexcept;

}  // namespace junctor
