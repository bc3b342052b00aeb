#pragma once

#include <cstdint>

namespace junctor {

/// The source of randomness. Injected, so that a seed replays a run; production uses the operating system's.
class Random {
public:
    virtual ~Random() = default;
    virtual std::uint64_t next() noexcept = 0;
};

}  // namespace junctor
