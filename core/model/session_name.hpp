#pragma once

#include <string_view>

namespace junctor {

/// A session's name must be addressable as `$to/<name>`: one topic level, without wildcards.
bool valid_session_name(std::string_view name) noexcept;

}  // namespace junctor
