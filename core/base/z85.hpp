#pragma once

#include <string>
#include <string_view>

#include "core/base/bytes.hpp"

namespace junctor {

/// Z85 (ZeroMQ RFC 32): five characters for four bytes. Of a number of bytes that four divides; else empty.
std::string to_z85(Bytes bytes);

/// Whether it consists of Z85's characters alone.
bool z85_characters(std::string_view text) noexcept;

}  // namespace junctor
