#pragma once

#include <optional>

#include "core/base/bytes.hpp"

namespace junctor {

/// How a value lies in the store: body, version of the envelope around it, CRC-32C over key, body and version. So a flipped bit is
/// found, and a value that stands under another's key, too.
inline constexpr std::size_t seal_bytes = 5;

/// Completes `body` in place; afterwards all of it is the value to put under `key`.
Bytes seal(Bytes key, ByteBuffer& body);

/// The body of a value found under `key`; nothing where it is not what was sealed.
std::optional<Bytes> unseal(Bytes key, Bytes value) noexcept;

}  // namespace junctor
