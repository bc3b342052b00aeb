#pragma once

#include <cstdint>
#include <optional>

namespace junctor::zeromq {

/// How far the peer of a TCP connection is with what was written to it.
struct TcpProgress {
    std::uint64_t acknowledged = 0;  ///< bytes that have reached the peer's machine, since the connection began
    std::uint32_t waiting = 0;       ///< bytes that have not
};

/// Of a descriptor that somebody else owns; nullopt when it is no TCP connection (any more).
std::optional<TcpProgress> tcp_progress(int descriptor) noexcept;

/// Ends the connection for both sides and leaves the descriptor to its owner, who finds it ended. Nothing where the descriptor is
/// something else meanwhile than a connection to this port of ours.
void end_connection(int descriptor, std::uint16_t port) noexcept;

}  // namespace junctor::zeromq
