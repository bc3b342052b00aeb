#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "core/base/bytes.hpp"
#include "core/base/json_reader.hpp"
#include "core/base/result.hpp"

namespace junctor {

/// Builds a document only after `read_json` has found it within the limits (DESIGN 7.7: a deep one would overflow the stack
/// of whoever copies or prints it). The last of duplicate names wins. A JsonErrc otherwise; never throws for what is in `text`.
Result<nlohmann::json> parse_json(Bytes text, const JsonLimits& limits = {});

/// Appends `text`, which is UTF-8, as a JSON string with its quotes. For encoders that need no document: the hot path.
void append_json_string(ByteBuffer& to, std::string_view text);

}  // namespace junctor
