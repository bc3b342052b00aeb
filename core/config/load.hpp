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

/// A document as far as it could be read.
struct Reading {
    Section root;       ///< with its defaults; `Section::sound` tells what of it means what is written
    Problems problems;  ///< all that is wrong with the rest
};

/// Validates `text` against `schema` and fills in the defaults, for whoever has more to check. Throws ConfigError where nothing can be
/// read: it is empty, no YAML, or no section.
Reading read_text(std::string_view text, const Schema& schema, const Source& source);

/// The same from a file. A file that is missing, unreadable or empty is a ConfigError.
Reading read_document(const std::string& path, const Schema& schema);

/// What `read_text` gives, for whoever has no use for a part. Throws ConfigError with every problem at once.
Section load_text(std::string_view text, const Schema& schema, const Source& source);

/// The same from a file.
Section load_file(const std::string& path, const Schema& schema);

/// All defaults: what a file that sets nothing would mean.
Reading read_defaults(const Schema& schema);
Section load_defaults(const Schema& schema);

}  // namespace junctor::config
