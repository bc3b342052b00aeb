// Stored bytes may be anything: a disk flips bits, somebody copies files about. Keys and messages are read back or refused.
#include <cstdlib>

#include "core/store/envelope_record.hpp"
#include "core/store/keys.hpp"
#include "core/store/record.hpp"
#include "policy/revocations.hpp"

namespace {

using namespace junctor;

void require(bool holds) {
    if (!holds) std::abort();
}

const ClockPair clocks{TimePoint(std::chrono::hours(1)), WallTime(std::chrono::seconds(1'700'000'000))};

/// What is read can be written, and is the same when it is read again.
void round_trip(Bytes bytes) {
    EnvelopeDecoder decoder(clocks);
    const EnvelopePtr envelope = decoder.decode(bytes);
    if (!envelope) return;
    require(envelope->footprint() <= sizeof(Envelope) + 10 * bytes.size() + sizeof(Extras));
    ByteBuffer once;
    append_envelope(once, *envelope, clocks);
    const EnvelopePtr again = decoder.decode(once);
    require(again && again->topic_text() == envelope->topic_text() && as_text(again->payload()) == as_text(envelope->payload()));
    ByteBuffer twice;
    append_envelope(twice, *again, clocks);
    require(once == twice);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Bytes bytes(data, size);
    round_trip(bytes);
    if (const auto revocation = Revocation::read(bytes)) require(Revocation::read(revocation->record())->key() == revocation->key());
    if (const auto parts = keys::parse(bytes)) require(parts->text.size() < size);
    require(!unseal(bytes, bytes) || size >= seal_bytes);
    return 0;
}
