#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bench {

/// What stands at the start of every payload: who sent it, which one it is and when it was due. Text, so that JSON carries it too.
struct Stamp {
    std::uint32_t publisher = 0;
    std::uint64_t sequence = 0;
    std::uint64_t due_ns = 0;
};

/// Overwrites the start of `payload`, which has at least 40 bytes.
void write_stamp(const Stamp& stamp, std::string& payload) noexcept;

/// Finds the stamp anywhere in `message`: directly at the start of a payload, or inside a JSON text.
std::optional<Stamp> find_stamp(std::string_view message) noexcept;

/// Nanoseconds of the monotonic clock.
std::uint64_t now_ns() noexcept;

}  // namespace bench
