#include "core/web/address_guard.hpp"

#include <algorithm>
#include <array>

namespace junctor::web {
namespace {

namespace ip = boost::asio::ip;

constexpr std::uint32_t v4(std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t d) noexcept { return a << 24 | b << 16 | c << 8 | d; }

// Metadata services outside 169.254.0.0/16: Alibaba Cloud, Oracle Cloud, Azure.
constexpr std::array metadata_v4{v4(100, 100, 100, 200), v4(192, 0, 0, 192), v4(168, 63, 129, 16)};

bool forbidden(std::uint32_t address) noexcept {
    const bool link_local = address >> 16 == v4(0, 0, 169, 254);
    const bool nowhere = address >> 24 == 0;
    const bool multicast_or_reserved = address >> 28 >= 0xe;
    return link_local || nowhere || multicast_or_reserved || std::ranges::find(metadata_v4, address) != metadata_v4.end();
}

using Octets = ip::address_v6::bytes_type;

std::uint32_t v4_at(const Octets& octets, std::size_t at) noexcept { return v4(octets[at], octets[at + 1], octets[at + 2], octets[at + 3]); }

bool starts_with(const Octets& octets, std::initializer_list<std::uint8_t> prefix) noexcept {
    return std::equal(prefix.begin(), prefix.end(), octets.begin());
}

bool forbidden(const ip::address_v6& address) noexcept {
    const Octets octets = address.to_bytes();
    const bool metadata = starts_with(octets, {0xfd, 0x00, 0x0e, 0xc2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x54}) ||  // Amazon EC2
                          starts_with(octets, {0xfd, 0x20, 0x00, 0xce, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x54});    // Google Cloud
    if (address.is_link_local() || address.is_multicast() || address.is_unspecified() || metadata) return true;
    if (address.is_loopback()) return false;
    const bool mapped = address.is_v4_mapped() || starts_with(octets, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
    const bool nat64 = starts_with(octets, {0, 0x64, 0xff, 0x9b});
    if (mapped || nat64) return forbidden(v4_at(octets, 12));
    return starts_with(octets, {0x20, 0x02}) && forbidden(v4_at(octets, 2));
}

}  // namespace

bool forbidden_address(const ip::address& address) noexcept {
    return address.is_v4() ? forbidden(address.to_v4().to_uint()) : forbidden(address.to_v6());
}

}  // namespace junctor::web
