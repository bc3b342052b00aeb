#pragma once

#include <string>

namespace junctor {

/// A pair of keys for CurveZMQ (ZeroMQ RFC 26): Curve25519, 40 characters of Z85 each.
struct CurveKey {
    std::string secret;
    std::string open;  ///< the public half

    /// A new one. Throws std::bad_alloc.
    static CurveKey make();
};

}  // namespace junctor
