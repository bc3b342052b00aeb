#include "core/routing/replayed.hpp"

namespace junctor {

void Replayed::note(SessionId session, const Envelope& value, TimePoint now) {
    drop_old(now);
    if (now - value.published_at() >= window) return;
    if (noted_.size() == most) noted_.pop_front();
    noted_.push_back({session, value.topic().hash(), value.published_at(), value.id().core});
}

bool Replayed::later_than(const Envelope& rival, SessionId session) const noexcept {
    const std::uint64_t hash = rival.topic().hash();
    const auto written = std::pair(rival.published_at(), rival.id().core);
    for (std::size_t at = 0; at < noted_.size(); ++at) {
        const Note& note = noted_[at];
        if (note.session == session && note.topic_hash == hash && std::pair(note.published_at, note.core) > written) return true;
    }
    return false;
}

void Replayed::drop_old(TimePoint now) noexcept {
    while (!noted_.empty() && now - noted_.front().published_at >= window) noted_.pop_front();
}

}  // namespace junctor
