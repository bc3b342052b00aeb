#include <arpa/inet.h>

#include <array>
#include <charconv>

#include "core/model/errc.hpp"
#include "core/ports/host.hpp"

namespace junctor {

namespace {

std::optional<std::uint16_t> parse_port(std::string_view text) {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return port;
}

/// Numeric in, numeric out, in the one spelling that the kernel prints; empty when it is no address of that family.
template <class Number>
std::string canonical(int family, const std::string& host, Number& number) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (inet_pton(family, host.c_str(), &number) != 1) return {};
    return inet_ntop(family, &number, text.data(), text.size());
}

std::string canonical_host(std::string_view host, bool bracketed) {
    in_addr v4{};
    in6_addr v6{};
    if (bracketed) return canonical(AF_INET6, std::string(host), v6);
    if (host == "localhost") return "127.0.0.1";
    return canonical(AF_INET, std::string(host), v4);
}

/// The IPv4 address within an IPv4-mapped one (RFC 4291 section 2.5.5.2).
std::string mapped_host(const in6_addr& v6) {
    std::array<char, INET_ADDRSTRLEN> text{};
    return inet_ntop(AF_INET, &v6.s6_addr[12], text.data(), text.size());
}

constexpr std::string_view many_machines = "is an address of many machines at once; write one of this machine, or 0.0.0.0 for all that it has";

}  // namespace

Result<Address> Address::parse(std::string_view text) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) return Errc::bad_request;
    std::string_view host = text.substr(0, colon);
    const bool bracketed = host.size() >= 2 && host.front() == '[' && host.back() == ']';
    if (bracketed) host = host.substr(1, host.size() - 2);
    const auto port = parse_port(text.substr(colon + 1));
    Address address{canonical_host(host, bracketed), port.value_or(0)};
    if (address.host.empty() || !port) return Errc::bad_request;
    return address;
}

std::string Address::text() const {
    const bool v6 = host.find(':') != std::string::npos;
    return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

std::string Address::obstacle() const {
    in_addr v4{};
    if (inet_pton(AF_INET, host.c_str(), &v4) == 1) return std::string(ntohl(v4.s_addr) >> 28 >= 14 ? many_machines : "");
    in6_addr v6{};
    if (inet_pton(AF_INET6, host.c_str(), &v6) != 1) return {};
    if (IN6_IS_ADDR_V4MAPPED(&v6)) return "is an IPv4 address in disguise; write " + Address{mapped_host(v6), port}.text();
    if (IN6_IS_ADDR_LINKLOCAL(&v6)) return "is a link-local address, which means another one on each network; write another one of this machine";
    return std::string(IN6_IS_ADDR_MULTICAST(&v6) ? many_machines : "");
}

bool Address::loopback() const {
    in_addr v4{};
    if (inet_pton(AF_INET, host.c_str(), &v4) == 1) return ntohl(v4.s_addr) >> 24 == 127;
    in6_addr v6{};
    if (inet_pton(AF_INET6, host.c_str(), &v6) != 1) return false;
    return IN6_IS_ADDR_LOOPBACK(&v6) || (IN6_IS_ADDR_V4MAPPED(&v6) && v6.s6_addr[12] == 127);
}

}  // namespace junctor
