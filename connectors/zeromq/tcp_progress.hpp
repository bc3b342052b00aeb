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

/// Ends the connection for both sides and leaves the descriptor to its owner, who finds it ended.
void end_connection(int descriptor) noexcept;

}  // namespace junctor::zeromq
