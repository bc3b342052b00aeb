#pragma once

#include <string_view>

#include "core/base/bytes.hpp"

namespace junctor::vertx {

/// How a payload stands as the `body` of a frame.
enum class BodyForm : std::uint8_t { json, text, base64 };

/// Does a media type say that something is JSON?
bool says_json(std::string_view content_type) noexcept;

/// Appends the payload as a JSON value: what is JSON (an object or array, or anything that its content type calls JSON) as such, other
/// UTF-8 as a string, the rest, and what is wrongly called JSON, as a string of base64.
BodyForm append_body(ByteBuffer& to, Bytes payload, std::string_view content_type);

/// What a checked body stands for, appended to `to`: a string's characters, else its JSON. False: base64 was promised and is none.
bool read_body(ByteBuffer& to, std::string_view body, std::string_view content_type, bool base64);

/// Is it JSON, and no string?
bool structured(std::string_view body) noexcept;

}  // namespace junctor::vertx
