#include "gateway/admin/host_names.hpp"

#include <arpa/inet.h>
#include <strings.h>

#include <algorithm>

namespace junctor {

namespace {

bool same_name(const std::string& a, const std::string& b) { return strcasecmp(a.c_str(), b.c_str()) == 0; }

bool is_address(const std::string& host) {
    in6_addr number{};
    if (host.size() > 2 && host.front() == '[' && host.back() == ']')
        return inet_pton(AF_INET6, host.substr(1, host.size() - 2).c_str(), &number) == 1;
    return inet_pton(AF_INET, host.c_str(), &number) == 1;
}

/// Without `:port`, which an IPv6 address in brackets also has behind it.
std::string without_port(std::string_view host) {
    const std::size_t colon = host.rfind(':');
    const std::size_t bracket = host.rfind(']');
    const bool has_port = colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
    return std::string(has_port ? host.substr(0, colon) : host);
}

}  // namespace

bool host_allowed(std::string_view host_header, const std::vector<std::string>& names) {
    if (host_header.find('\0') != std::string_view::npos) return false;
    const std::string host = without_port(host_header);
    if (same_name(host, "localhost") || is_address(host)) return true;
    return std::any_of(names.begin(), names.end(), [&](const std::string& name) { return same_name(name, host); });
}

}  // namespace junctor
