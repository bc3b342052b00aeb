#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/duration_text.hpp"

namespace junctor::config {

/// `512`, `64k`, `64KiB`, `16MiB`, `1GiB` (powers of 1,024) or `64kB`, `16MB` (powers of 1,000): bytes.
std::optional<std::int64_t> parse_size(std::string_view text);

/// The shortest exact spelling that `parse_duration` reads back.
std::string duration_text(Duration duration);

/// The shortest exact spelling that `parse_size` reads back, in powers of 1,024.
std::string size_text(std::int64_t bytes);

}  // namespace junctor::config
