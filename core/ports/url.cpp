#include "core/ports/url.hpp"

#include <algorithm>

#include "core/base/ascii.hpp"
#include "core/ports/client.hpp"

namespace junctor {
namespace {

[[noreturn]] void refuse(std::string_view text, std::string_view trouble) {
    throw ClientError("'" + std::string(text) + "' " + std::string(trouble) + "; write it like http://127.0.0.1:8080");
}

bool digit(char c) noexcept { return c >= '0' && c <= '9'; }

bool valid_port(std::string_view port) noexcept { return !port.empty() && port.size() <= 5 && std::ranges::all_of(port, digit); }

bool valid_host(std::string_view host, bool bracketed) noexcept {
    return std::ranges::all_of(host, [bracketed](char c) {
        const char lower = ascii_lower(c);
        const bool in_name = digit(c) || (lower >= 'a' && lower <= 'z') || c == '.' || c == '-' || c == '_';
        return in_name || (bracketed && (c == ':' || c == '%'));
    });
}

void split_authority(std::string_view authority, std::string_view text, Url& url) {
    if (authority.find('@') != std::string_view::npos)
        throw ClientError("a URL holds no user and no password: they have fields of their own; write it like http://127.0.0.1:8080");
    std::size_t colon = authority.rfind(':');
    const std::size_t bracket = authority.rfind(']');
    if (colon != std::string_view::npos && bracket != std::string_view::npos && colon < bracket) colon = std::string_view::npos;
    std::string_view host = authority.substr(0, colon);
    const bool bracketed = host.starts_with('[') && host.ends_with(']');
    if (bracketed) host = host.substr(1, host.size() - 2);
    if (host.empty()) refuse(text, "names no host");
    if (!valid_host(host, bracketed)) refuse(text, "has no valid host");
    url.host = host;
    url.port = colon == std::string_view::npos ? (url.secure() ? "443" : "80") : authority.substr(colon + 1);
    if (!valid_port(url.port)) refuse(text, "has no valid port");
}

}  // namespace

Url Url::parse(std::string_view text) {
    const std::size_t scheme_end = text.find("://");
    if (scheme_end == std::string_view::npos) refuse(text, "is no URL");
    Url url;
    url.scheme = text.substr(0, scheme_end);
    std::ranges::transform(url.scheme, url.scheme.begin(), ascii_lower);
    const std::string_view rest = text.substr(scheme_end + 3);
    const std::size_t path = std::min(rest.find_first_of("/?#"), rest.size());
    split_authority(rest.substr(0, path), text, url);
    url.path = rest.substr(path);
    if (url.path.starts_with('?')) url.path.insert(0, 1, '/');
    const auto forbidden = [](char c) { return c <= ' ' || c >= 0x7f; };
    if (std::ranges::any_of(url.path, forbidden)) refuse(text, "has characters that must be percent-encoded");
    if (url.path.find('#') != std::string::npos) refuse(text, "has a fragment, which no server sees");
    return url;
}

std::string Url::authority() const { return (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" + port; }

}  // namespace junctor
