#pragma once

#include <string>
#include <string_view>

#include "core/base/ids.hpp"

namespace junctor {

/// A session's number as it stands in messages between gateways: hexadecimal digits, 16 at most.
std::string session_text(SessionId session);
/// No session where `text` is no such number.
SessionId session_of(std::string_view text) noexcept;

}  // namespace junctor
