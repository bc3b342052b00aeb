#pragma once

#include <string>
#include <vector>

#include "connectors/mqtt/machine.hpp"

namespace junctor::mqtt {

/// What only the machine's own files see.

/// What is needed until CONNACK; what extended authentication needs stays.
struct Machine::Handshake {
    /// Of an authentication after CONNACK.
    enum class Again : std::uint8_t { no, asking, challenged };

    std::string method;               ///< extended authentication
    ByteBuffer data;                  ///< its last data, for CONNACK
    std::unique_ptr<junctor::Will> will;
    SessionTerms terms;
    std::uint32_t asked_expiry_s = 0;
    std::uint16_t asked_keep_alive_s = 0;
    bool wants_response_information = false;
    bool has_credentials = false;
    Again again = Again::no;
};

/// A SUBSCRIBE or UNSUBSCRIBE that the gate works on: the answer as far as it is known.
struct Machine::Pending {
    PacketType type;
    std::uint16_t packet_id;
    struct Filter {
        ReasonCode code;  ///< a failure: refused before the gate was asked
        bool shared;
    };
    std::vector<Filter> filters;
    std::vector<HistoryOutcome> history;  ///< one per filter, where the client asked for a history
};

/// What a token says: which answer is due, its packet identifier, and of a message its place in the row.
struct Machine::Question {
    PacketType answer;
    std::uint16_t packet_id;
    ReceiveWindow::Position position = 0;

    Token token() const noexcept {
        return {std::uint64_t{position} << 24 | std::uint64_t{packet_id} << 8 | static_cast<std::uint64_t>(answer)};
    }
    static Question of(Token token) noexcept {
        return {static_cast<PacketType>(token.value & 0xFF), static_cast<std::uint16_t>(token.value >> 8),
                static_cast<ReceiveWindow::Position>(token.value >> 24)};
    }
};

}  // namespace junctor::mqtt
