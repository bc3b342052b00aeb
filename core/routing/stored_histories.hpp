#pragma once

#include <map>
#include <vector>

#include "core/routing/kept_history.hpp"
#include "core/store/envelope_record.hpp"
#include "core/store/keys.hpp"

namespace junctor {

/// The histories that the store holds: read once at start, given back to the cores that keep them now.
class StoredHistories {
public:
    explicit StoredHistories(const ClockPair& clocks) noexcept : decoder_(clocks) {}

    /// A record of that kind, in the order of the keys; nothing where its seal did not hold, which makes a hole that is known.
    void add(const keys::Parts& key, std::optional<Bytes> body);

    /// All that stands under the history's id, told to it; nothing is left here. On any core, one at a time.
    void restore(KeptHistory& history, std::uint64_t store_id);
    /// The ids of those that are left.
    std::vector<std::uint64_t> ids() const;

private:
    struct Record {
        std::uint64_t offset;
        ByteBuffer body;
    };

    EnvelopeDecoder decoder_;
    std::map<std::uint64_t, std::vector<Record>> records_;  ///< by store id
};

}  // namespace junctor
