#pragma once

#include <string>

#include "core/config/schema.hpp"

namespace junctor::config {

/// The text of a field that need not be there; empty where it is not.
inline std::string optional_text(const Section& section, const char* name) { return section.has(name) ? section.text(name) : std::string(); }

}  // namespace junctor::config
