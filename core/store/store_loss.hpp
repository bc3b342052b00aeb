#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace junctor {

/// What a start found damaged. All that is not named here is there.
struct StoreLoss {
    std::string damage;                ///< what the database said
    std::filesystem::path kept;        ///< a copy of the damaged files
    std::uint64_t records = 0;         ///< read and kept
    std::uint64_t damaged_places = 0;  ///< ranges of records that could not be read
    std::uint64_t log_bytes = 0;       ///< of the write-ahead log that could not be read
};

}  // namespace junctor
