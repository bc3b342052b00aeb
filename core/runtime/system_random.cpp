#include "core/runtime/system_random.hpp"

#include <sys/random.h>

#include <cstdlib>
#include <utility>

namespace junctor {

std::uint64_t SystemRandom::next() noexcept {
    if (used_ == block_.size()) {
        // Up to 256 bytes come whole and without interruption (getrandom(2)); without randomness nothing here is safe.
        if (getrandom(block_.data(), sizeof block_, 0) != static_cast<ssize_t>(sizeof block_)) std::abort();
        used_ = 0;
    }
    return std::exchange(block_[used_++], 0);
}

}  // namespace junctor
