#pragma once

#include <optional>
#include <string_view>

#include "core/base/bytes.hpp"

namespace junctor {

/// Appends the base64 form of `bytes` (RFC 4648 section 4, padded) to `to`.
void append_base64(ByteBuffer& to, Bytes bytes);

/// Appends what `text` stands for to `to`. Padding may be missing, bits behind the end must be zero; false, and `to` as it
/// was, for anything else: white space, another alphabet, padding inside.
bool append_from_base64(ByteBuffer& to, std::string_view text);

/// The same for base64url without padding (RFC 4648 section 5, RFC 7515 section 2): one text for any bytes, and no other is taken.
bool append_from_base64url(ByteBuffer& to, std::string_view text);

}  // namespace junctor
