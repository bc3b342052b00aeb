#pragma once

#include <boost/asio/ip/address.hpp>

namespace junctor::web {

/// Addresses where no server stands that anybody means: link-local ones, and with them the metadata services of clouds (which hand
/// out credentials to whoever asks from this machine), multicast, broadcast and unspecified ones; the same within IPv6 (mapped, 6to4,
/// NAT64). THREATS class 25.
bool forbidden_address(const boost::asio::ip::address& address) noexcept;

}  // namespace junctor::web
