#pragma once

#include <string>

#include "core/config/schema.hpp"

namespace junctor::config {

/// What a value of this field looks like, in a word or two: `size`, `true or false`, `debug | info`.
std::string type_name(const Field& field);

/// Whether the field is a section or a list of them.
bool is_section(const Field& field);

}  // namespace junctor::config
