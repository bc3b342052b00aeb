#pragma once

#include <list>
#include <unordered_map>

#include "core/base/clock.hpp"
#include "policy/tokens/secret_digest.hpp"

namespace junctor {

/// What others said lately about credentials, by their digest. Bounded: who was asked about least lately goes. Of one core.
template <class Answer>
class AnswerCache {
public:
    explicit AnswerCache(std::size_t most) noexcept : most_(most) {}

    /// What is known and counts now, said at `since` or later; null: nothing. Valid until the next call of `put`.
    const Answer* find(const SecretDigest& about, TimePoint now, TimePoint since = TimePoint::min()) noexcept {
        const auto found = places_.find(about);
        if (found == places_.end() || found->second->said < since) return nullptr;
        if (found->second->until <= now) {
            forget(found);
            return nullptr;
        }
        entries_.splice(entries_.begin(), entries_, found->second);
        return &found->second->answer;
    }

    void put(const SecretDigest& about, Answer answer, TimePoint now, TimePoint until) {
        if (const auto known = places_.find(about); known != places_.end()) forget(known);
        if (most_ == 0 || until <= now) return;
        if (places_.size() == most_) forget(places_.find(entries_.back().about));
        entries_.push_front({about, now, until, std::move(answer)});
        places_[about] = entries_.begin();
    }

    void clear() noexcept {
        places_.clear();
        entries_.clear();
    }

    std::size_t size() const noexcept { return places_.size(); }

private:
    struct Entry {
        SecretDigest about;
        TimePoint said;
        TimePoint until;
        Answer answer;
    };
    using Entries = std::list<Entry>;
    using Places = std::unordered_map<SecretDigest, typename Entries::iterator>;

    void forget(typename Places::iterator which) noexcept {
        entries_.erase(which->second);
        places_.erase(which);
    }

    const std::size_t most_;
    Entries entries_;  ///< asked about most lately first
    Places places_;
};

}  // namespace junctor
