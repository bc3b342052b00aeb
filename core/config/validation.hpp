#pragma once

#include <filesystem>

#include "core/config/node.hpp"
#include "core/config/schema.hpp"
#include "core/config/substitution.hpp"

namespace junctor::config {

/// What validation works with besides the document.
struct Context {
    Problems& problems;
    const std::filesystem::path& directory;
    const Environment& environment;
};

/// Checks a map against a schema and converts it. What is wrong is added to the problems, and is not sound in the section.
Section validate(const Node& map, const Schema& schema, const Context& context);

}  // namespace junctor::config
