#pragma once

#include <chrono>
#include <string>

#include "core/base/ref_counted.hpp"

namespace junctor::websocket {

/// What all connections of one listener share; immutable once shared.
struct Settings : RefCounted<Settings> {
    std::string connector;  ///< the configured name
    std::string cookie;     ///< whose value is a token; empty: none is
    /// A peer that is silent for so long is asked for a sign of life, and gone when it stays silent as long again. Zero: never.
    std::chrono::seconds ping_interval{};
};

}  // namespace junctor::websocket
