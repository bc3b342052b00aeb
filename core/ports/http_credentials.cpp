#include "core/ports/http_credentials.hpp"

#include <algorithm>

#include "core/base/ascii.hpp"
#include "core/base/base64.hpp"

namespace junctor {
namespace {

std::string_view trimmed(std::string_view text) noexcept {
    text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
    return text.substr(0, text.find_last_not_of(" \t") + 1);
}

/// What follows the scheme, whose case does not matter; empty for another one.
std::string_view after_scheme(std::string_view authorization, std::string_view scheme) noexcept {
    if (authorization.size() <= scheme.size() || authorization[scheme.size()] != ' ') return {};
    if (!equal_ignoring_case(authorization.substr(0, scheme.size()), scheme)) return {};
    return trimmed(authorization.substr(scheme.size()));
}

bool read_basic(std::string_view encoded, Credentials& into) {
    ByteBuffer decoded;
    if (!append_from_base64(decoded, encoded)) return false;
    const std::string_view pair = as_text(decoded);
    const std::size_t colon = pair.find(':');
    if (colon == std::string_view::npos) return false;
    into.user = pair.substr(0, colon);
    into.password = pair.substr(colon + 1);
    into.has_password = true;
    return true;
}

bool read_authorization(std::string_view authorization, Credentials& into) {
    if (const std::string_view basic = after_scheme(authorization, "Basic"); !basic.empty()) return read_basic(basic, into);
    into.bearer = after_scheme(authorization, "Bearer");
    return !into.bearer.empty();
}

bool says_whose_page(const HttpRequest& request) noexcept {
    return !request.header("Origin").empty() || equal_ignoring_case(request.header("Sec-Fetch-Site"), "same-origin");
}

/// RFC 6265 section 4.2.1; empty when it is not there, or there with two values.
std::string_view cookie_named(std::string_view name, const HttpRequest& request) noexcept {
    std::string_view found;
    for (const Header& header : request.headers) {
        if (!equal_ignoring_case(header.name, "Cookie")) continue;
        for (std::string_view rest = header.value; !rest.empty();) {
            const std::string_view pair = rest.substr(0, rest.find(';'));
            rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
            const std::size_t equals = pair.find('=');
            if (equals == std::string_view::npos || trimmed(pair.substr(0, equals)) != name) continue;
            const std::string_view value = trimmed(pair.substr(equals + 1));
            if (!found.empty() && found != value) return {};
            found = value;
        }
    }
    return found;
}

}  // namespace

void take_peer(const Peer& peer, Credentials& into) {
    into.peer = peer.address;
    into.loopback = peer.loopback;
    into.certificate_subject = peer.certificate_subject;
    into.certificate_names = peer.certificate_names;
    into.certificate_expires = peer.certificate_expires;
}

bool read_http_credentials(const HttpRequest& request, std::string_view cookie, Credentials& into) {
    take_peer(request.peer, into);
    const auto is_authorization = [](const Header& header) { return equal_ignoring_case(header.name, "Authorization"); };
    const auto found = std::ranges::count_if(request.headers, is_authorization);
    if (found > 1) return false;
    if (found == 1) return read_authorization(request.header("Authorization"), into);
    if (!cookie.empty() && says_whose_page(request)) into.bearer = cookie_named(cookie, request);
    return true;
}

bool shows_any(const Credentials& credentials) noexcept {
    return !credentials.user.empty() || credentials.has_password || !credentials.password.empty() || !credentials.bearer.empty() || !credentials.method.empty() ||
           !credentials.public_key.empty() || !credentials.certificate_subject.empty() || !credentials.certificate_names.empty();
}

}  // namespace junctor
