#pragma once

#include <string>
#include <string_view>

namespace junctor {

/// A value inside of a search filter (RFC 4515 section 3): it never ends the part that it stands in.
std::string escape_filter(std::string_view value);

/// `text` with every `${name}` replaced by `value`, which is escaped already.
std::string fill(std::string_view text, std::string_view name, std::string_view value);

}  // namespace junctor
