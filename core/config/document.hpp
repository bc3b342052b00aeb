#pragma once

#include <optional>
#include <string_view>

#include "core/config/node.hpp"

namespace junctor::config {

/// What a document may cost before it is refused.
inline constexpr std::size_t max_document_bytes = 1 << 20;
inline constexpr std::size_t max_document_nodes = 100'000;
inline constexpr std::size_t max_document_depth = 32;
inline constexpr std::size_t max_section_keys = 1'000;

/// Reads YAML (JSON is a subset) in UTF-8. Adds to `problems`: syntax, duplicate keys, keys that are no names, aliases (which can make a
/// small file huge), more than one document, the limits above. None: no tree could be made of it. Else the tree is whole, but for values that
/// are `reported`, and with keys that are there twice.
std::optional<Node> parse_document(std::string_view text, Problems& problems);

}  // namespace junctor::config
