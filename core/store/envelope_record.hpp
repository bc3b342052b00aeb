#pragma once

#include "core/model/envelope.hpp"
#include "core/store/clock_pair.hpp"

namespace junctor {

/// Appends a message as the store keeps it, times as civil time. Everything but the publishing session, which a restart forgets.
void append_envelope(ByteBuffer& to, const Envelope& envelope, const ClockPair& clocks);

/// Makes messages of what `append_envelope` wrote. Use one for many: publishers that follow each other are made once.
class EnvelopeDecoder {
public:
    /// `clocks`: of now. A message is never younger than that, however the clocks were set.
    explicit EnvelopeDecoder(const ClockPair& clocks) noexcept : clocks_(clocks) {}

    /// Null where the bytes are no message, or one of a version that this program does not know.
    EnvelopePtr decode(Bytes bytes) noexcept;

private:
    PrincipalRef publisher_of(Bytes bytes) noexcept;

    ClockPair clocks_;
    ByteBuffer last_publisher_bytes_;
    PrincipalRef last_publisher_;
};

}  // namespace junctor
