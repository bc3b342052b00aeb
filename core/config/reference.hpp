#pragma once

#include <string>

#include "core/config/schema.hpp"

namespace junctor::config {

/// The schema as a Markdown page: a table per section, a row per field.
std::string reference_page(const Schema& schema, const std::string& title);

}  // namespace junctor::config
