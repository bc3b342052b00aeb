#pragma once

#include <string>
#include <string_view>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "policy/jose/algorithm.hpp"

namespace junctor::jose {

/// A JSON Web Signature in compact form (RFC 7515 section 7.1), taken apart and not yet verified.
struct CompactToken {
    static constexpr std::size_t most_bytes = 16 << 10;
    static constexpr std::size_t longest_kid = 512;

    Algorithm algorithm{};
    std::string kid;                 ///< only ever compared with the ids of configured keys; empty: none
    std::string type;                ///< `typ`, in lower case and without `application/`; empty: none
    std::string_view signing_input;  ///< a view of the text that was parsed
    ByteBuffer payload;
    ByteBuffer signature;
};

/// Bounded before anything is allocated. Refuses headers that bring or point to a key of their own (`jwk`, `jku`, `x5c`, `x5u`),
/// everything that would have to be understood (`crit`, and with it `b64`), and unknown algorithms, `none` in any spelling included.
Result<CompactToken> parse_compact_token(std::string_view text);

}  // namespace junctor::jose
