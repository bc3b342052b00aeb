#pragma once

#include <random>

#include "core/base/random.hpp"

namespace junctor::test {

/// Randomness that a seed replays.
class SeededRandom final : public Random {
public:
    explicit SeededRandom(std::uint64_t seed) : engine_(seed) {}
    std::uint64_t next() noexcept override { return engine_(); }
    /// 0 to `bound` - 1.
    std::size_t below(std::size_t bound) noexcept { return static_cast<std::size_t>(engine_() % bound); }

private:
    std::mt19937_64 engine_;
};

}  // namespace junctor::test
