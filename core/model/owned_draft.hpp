#pragma once

#include <string>

#include "core/model/envelope.hpp"

namespace junctor {

/// A draft that owns what it shows.
struct OwnedDraft {
    explicit OwnedDraft(Draft&& shown)
        : topic(shown.topic.text()), payload(shown.payload.begin(), shown.payload.end()), draft(std::move(shown)) {
        draft.topic = Topic::trusted(draft.topic.tenant(), topic, draft.topic.hash());
        draft.payload = payload;
    }
    OwnedDraft(const OwnedDraft&) = delete;
    OwnedDraft& operator=(const OwnedDraft&) = delete;

    /// Bytes held, for byte limits.
    std::size_t footprint() const noexcept {
        return sizeof *this + topic.size() + payload.size() + (draft.extras ? sizeof(Extras) + draft.extras->footprint() : 0);
    }

    const std::string topic;
    const ByteBuffer payload;
    Draft draft;
};

}  // namespace junctor
