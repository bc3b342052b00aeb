#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/bytes.hpp"

namespace junctor {

enum class Digest : std::uint8_t { sha256, sha512 };

std::size_t digest_size(Digest digest) noexcept;

// Empty when OpenSSL could not do it (no memory): an empty value equals nothing.
ByteBuffer hash(Digest digest, Bytes data);
ByteBuffer hmac(Digest digest, Bytes key, Bytes data);
/// RFC 8018 section 5.2, as long as the digest. Takes its time: not on an event loop.
ByteBuffer pbkdf2(Digest digest, std::string_view password, Bytes salt, std::uint32_t iterations);

/// Takes as long for equal bytes as for different ones. Empty bytes equal nothing.
bool equal_in_constant_time(Bytes one, Bytes other) noexcept;

/// Fit for secrets.
ByteBuffer random_bytes(std::size_t size);

/// Overwrites a secret before its memory goes.
void wipe(std::string& secret) noexcept;
void wipe(ByteBuffer& secret) noexcept;

std::string to_base64(Bytes bytes);

}  // namespace junctor
