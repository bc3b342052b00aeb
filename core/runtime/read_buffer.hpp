#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace junctor {

/// Where the connections of one core read into, one after the other. In front of the fresh bytes there is headroom, so that what a
/// connection left unconsumed can be put directly before what arrives next.
class ReadBuffer {
public:
    static constexpr std::size_t headroom = 64 << 10;
    static constexpr std::size_t fresh_bytes = 64 << 10;

    std::span<std::uint8_t> fresh() noexcept { return {memory_.get() + headroom, fresh_bytes}; }
    /// How much may be written directly before `at`, which points into the buffer; 0 when it points elsewhere.
    std::size_t room_before(const std::uint8_t* at) const noexcept {
        const std::uint8_t* begin = memory_.get();
        return at >= begin && at < begin + headroom + fresh_bytes ? static_cast<std::size_t>(at - begin) : 0;
    }

private:
    // Left uninitialised: only what is read into becomes resident.
    std::unique_ptr<std::uint8_t[]> memory_{new std::uint8_t[headroom + fresh_bytes]};
};

}  // namespace junctor
