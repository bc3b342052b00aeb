#pragma once

#include <string_view>

#include "core/config/node.hpp"

namespace junctor::config {

/// What a document may cost before it is refused.
inline constexpr std::size_t max_document_bytes = 1 << 20;
inline constexpr std::size_t max_document_nodes = 100'000;
inline constexpr std::size_t max_document_depth = 32;

/// Reads YAML (JSON is a subset). Adds to `problems`: syntax, duplicate keys, keys that are no names, aliases (which can make a
/// small file huge), more than one document, the limits above. The node is only of use without problems.
Node parse_document(std::string_view text, Problems& problems);

}  // namespace junctor::config
