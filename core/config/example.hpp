#pragma once

#include <string>

#include "core/config/schema.hpp"

namespace junctor::config {

/// A document to start from: every field with its meaning and default behind a `#`, lists with a default written out.
std::string example_document(const Schema& schema, const std::string& title);

}  // namespace junctor::config
