#pragma once

#include <string_view>

namespace junctor {

/// The version of this build, from the project file.
std::string_view version() noexcept;

}  // namespace junctor
