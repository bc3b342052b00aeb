#include "core/ports/http_origin.hpp"

#include <algorithm>

#include "core/base/ascii.hpp"

namespace junctor {
namespace {

struct Place {
    std::string_view host;
    std::string_view port;
};

Place split(std::string_view authority) noexcept {
    const std::size_t bracket = authority.rfind(']');
    const std::size_t colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
    if (colon == std::string_view::npos) return {authority, {}};
    return {authority.substr(0, colon), authority.substr(colon + 1)};
}

bool is_address(std::string_view host) noexcept {
    const auto digit_or_dot = [](char c) { return (c >= '0' && c <= '9') || c == '.'; };
    return host.starts_with('[') || std::ranges::all_of(host, digit_or_dot);
}

bool local_name(std::string_view host) noexcept { return is_address(host) || equal_ignoring_case(host, "localhost"); }

bool same_origin(std::string_view origin, const HttpRequest& request) noexcept {
    const std::size_t scheme_end = origin.find("://");
    if (scheme_end == std::string_view::npos) return false;
    const std::string_view usual_port = origin.substr(0, scheme_end) == "https" ? "443" : "80";
    const auto with_port = [&](Place place) { return Place{place.host, place.port.empty() ? usual_port : place.port}; };
    const Place theirs = with_port(split(origin.substr(scheme_end + 3)));
    const Place ours = with_port(split(request.header("Host")));
    if (request.peer.loopback && !local_name(ours.host)) return false;
    return equal_ignoring_case(theirs.host, ours.host) && theirs.port == ours.port;
}

std::string_view host_of(std::string_view origin) noexcept {
    const std::size_t scheme_end = origin.find("://");
    return scheme_end == std::string_view::npos ? std::string_view() : split(origin.substr(scheme_end + 3)).host;
}

/// Of a page elsewhere, which sees nothing of the answer, but makes things happen.
bool loaded_by_another_page(const HttpRequest& request) noexcept {
    const std::string_view site = request.header("Sec-Fetch-Site");
    if (!equal_ignoring_case(site, "cross-site") && !equal_ignoring_case(site, "same-site")) return false;
    return !equal_ignoring_case(request.header("Sec-Fetch-Mode"), "navigate") || !equal_ignoring_case(request.header("Sec-Fetch-Dest"), "document");
}

}  // namespace

bool may_be_rebound(const HttpRequest& request, const std::vector<std::string>& allowed) noexcept {
    const std::string_view host = split(request.header("Host")).host;
    if (!request.peer.loopback || !request.header("Origin").empty() || local_name(host)) return false;
    return std::ranges::none_of(allowed, [&](const std::string& one) { return one == "*" || equal_ignoring_case(host_of(one), host); });
}

bool origin_allowed(const HttpRequest& request, const std::vector<std::string>& allowed) {
    const std::string_view origin = request.header("Origin");
    if (origin.empty() ? !loaded_by_another_page(request) : same_origin(origin, request)) return true;
    return std::ranges::any_of(allowed, [&](const std::string& one) { return one == "*" || (!origin.empty() && equal_ignoring_case(one, origin)); });
}

}  // namespace junctor
