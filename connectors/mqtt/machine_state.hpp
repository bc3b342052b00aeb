#pragma once

#include <string>
#include <vector>

#include "connectors/mqtt/machine.hpp"

namespace junctor::mqtt {

/// What only the machine's own files see.

/// What is needed until CONNACK and not after it.
struct Machine::Handshake {
    std::string method;               ///< extended authentication
    ByteBuffer data;                  ///< its last data, for CONNACK
    bool challenged = false;          ///< somebody knew the method
    bool has_credentials = false;
    std::uint16_t asked_keep_alive_s = 0;
};

/// A SUBSCRIBE or UNSUBSCRIBE that the gate works on: the answer as far as it is known.
struct Machine::Pending {
    PacketType type;
    std::uint16_t packet_id;
    std::vector<ReasonCode> codes;    ///< a failure: refused before the gate was asked
};

/// What a token says: which answer is due, and its packet identifier.
constexpr Token token_of(PacketType answer, std::uint16_t packet_id) noexcept {
    return {static_cast<std::uint64_t>(answer) << 16 | packet_id};
}

}  // namespace junctor::mqtt
