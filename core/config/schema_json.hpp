#pragma once

#include <string>

#include "core/config/schema.hpp"

namespace junctor::config {

/// The schema as JSON Schema 2020-12, so that editors complete and check a configuration while it is written.
std::string schema_json(const Schema& schema, const std::string& title);

}  // namespace junctor::config
