#pragma once

#include <array>
#include <cstddef>

#include "core/base/random.hpp"

namespace junctor {

/// The operating system's randomness, fit for secrets, fetched in blocks. One per core.
class SystemRandom final : public Random {
public:
    std::uint64_t next() noexcept override;

private:
    std::array<std::uint64_t, 32> block_;
    std::size_t used_ = 32;
};

}  // namespace junctor
