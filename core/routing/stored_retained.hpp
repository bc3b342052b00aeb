#pragma once

#include <vector>

#include "core/store/envelope_record.hpp"
#include "core/store/keys.hpp"

namespace junctor {

/// The retained values that the store holds: read once at start, handed to every core's replica (`Router::restore_retained`).
class StoredRetained {
public:
    explicit StoredRetained(const ClockPair& clocks) noexcept : decoder_(clocks) {}

    /// A record of that kind whose seal held. False where it makes no sense.
    bool add(const keys::Parts& key, Bytes body);
    const std::vector<EnvelopePtr>& values() const noexcept { return values_; }

private:
    EnvelopeDecoder decoder_;
    std::vector<EnvelopePtr> values_;
};

}  // namespace junctor
