#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "policy/secrets/crypto.hpp"

namespace junctor {

/// What a server keeps of a password for SCRAM (RFC 5802 section 3), in the form of RFC 5803 section 2:
/// `SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>`, base64. Enough to check a client, not to be one.
struct ScramKeys {
    Digest digest = Digest::sha256;
    std::uint32_t iterations = 0;
    ByteBuffer salt;
    ByteBuffer stored_key;
    ByteBuffer server_key;

    /// RFC 7677 section 4 asks for at least 4,096.
    static constexpr std::uint32_t usual_iterations = 32'768;

    /// nullopt: not of that form, or fewer than 4,096 or more than 10,000,000 iterations.
    static std::optional<ScramKeys> parse(std::string_view text);
    /// Takes its time. `password` is printable ASCII, which needs no SASLprep.
    static ScramKeys make(Digest digest, std::string_view password, std::uint32_t iterations, ByteBuffer salt);
    /// For a name that nobody has: the salt is the same each time it is asked for, as a real one's is.
    static ScramKeys decoy(Digest digest, std::string_view name, std::uint32_t iterations, std::size_t salt_size, Bytes secret);

    std::string text() const;
};

/// `SCRAM-SHA-256`, `SCRAM-SHA-512`.
std::string_view scram_mechanism(Digest digest) noexcept;

}  // namespace junctor
