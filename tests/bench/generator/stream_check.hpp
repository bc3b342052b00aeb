#pragma once

#include <cstdint>
#include <vector>

namespace bench {

/// One publisher's messages as one subscriber sees them: each exactly once, in order.
class StreamCheck {
public:
    /// False when this message was there before.
    bool arrived(std::uint64_t sequence) {
        if (sequence >= seen_.size()) seen_.resize(sequence + sequence / 2 + 1024);
        if (seen_[sequence]) {
            ++duplicated_;
            return false;
        }
        seen_[sequence] = true;
        ++received_;
        if (sequence < next_) ++reordered_;
        else next_ = sequence + 1;
        return true;
    }

    std::uint64_t received() const noexcept { return received_; }
    std::uint64_t duplicated() const noexcept { return duplicated_; }
    std::uint64_t reordered() const noexcept { return reordered_; }

private:
    std::vector<bool> seen_;
    std::uint64_t next_ = 0;
    std::uint64_t received_ = 0;
    std::uint64_t duplicated_ = 0;
    std::uint64_t reordered_ = 0;
};

}  // namespace bench
