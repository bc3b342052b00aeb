#pragma once

#include <bitset>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

namespace junctor::jose {

/// A signature or MAC algorithm of RFC 7518 section 3.1, RFC 8037 or RFC 9864. `none` is not among them.
enum class Algorithm : std::uint8_t {
    hs256, hs384, hs512,
    rs256, rs384, rs512,
    ps256, ps384, ps512,
    es256, es384, es512,
    eddsa, ed25519, ed448,  ///< `EdDSA` leaves the curve to the key
};

inline constexpr std::size_t algorithm_count = static_cast<std::size_t>(Algorithm::ed448) + 1;

enum class Family : std::uint8_t { hmac, rsa_pkcs1, rsa_pss, ecdsa, eddsa };

/// Exactly as registered: `RS256`, `EdDSA`.
std::string_view to_string(Algorithm algorithm) noexcept;
std::optional<Algorithm> parse_algorithm(std::string_view name) noexcept;

Family family_of(Algorithm algorithm) noexcept;
/// OpenSSL's name of its hash; null where the algorithm brings its own.
const char* digest_of(Algorithm algorithm) noexcept;
/// Bytes of that hash; 0 where the algorithm brings its own.
std::size_t digest_size_of(Algorithm algorithm) noexcept;

class AlgorithmSet {
public:
    AlgorithmSet() noexcept = default;
    AlgorithmSet(std::initializer_list<Algorithm> algorithms) noexcept {
        for (const Algorithm algorithm : algorithms) add(algorithm);
    }

    void add(Algorithm algorithm) noexcept { members_.set(static_cast<std::size_t>(algorithm)); }
    bool contains(Algorithm algorithm) const noexcept { return members_.test(static_cast<std::size_t>(algorithm)); }
    bool empty() const noexcept { return members_.none(); }
    friend AlgorithmSet operator&(AlgorithmSet a, const AlgorithmSet& b) noexcept {
        a.members_ &= b.members_;
        return a;
    }

private:
    std::bitset<algorithm_count> members_;
};

}  // namespace junctor::jose
