#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "core/config/problems.hpp"
#include "core/config/schema.hpp"
#include "core/config/substitution.hpp"

namespace junctor::config {

/// Where a document comes from.
struct Source {
    std::string name;                 ///< for messages: the file as the user named it
    std::filesystem::path directory;  ///< relative paths in the document start here
    Environment environment = process_environment();
};

/// Validates `text` against `schema` and fills in the defaults. Throws ConfigError with every problem at once.
Section load_text(std::string_view text, const Schema& schema, const Source& source);

/// The same from a file. A file that is missing, unreadable or empty is an error.
Section load_file(const std::string& path, const Schema& schema);

/// All defaults: what a file that sets nothing would mean.
Section load_defaults(const Schema& schema);

}  // namespace junctor::config
