#pragma once

#include <cstdint>
#include <string_view>

namespace junctor {

/// A keyed hash of short text: a few nanoseconds, and nobody outside can make names that collide, because its keys are drawn
/// when the process starts. The same within one process; never to be stored, sent, or iterated by.
std::uint64_t hash_text(std::string_view text, std::uint64_t salt = 0) noexcept;

/// Keys that everybody can know, for a simulation that must be the same again in every detail (names choose their home core by their hash).
/// One thread; nothing that was hashed before may be in use.
void fix_hash_keys(std::uint64_t seed) noexcept;

}  // namespace junctor
