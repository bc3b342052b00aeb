#include "policy/jose/roca.hpp"

#include <array>

namespace junctor::jose {
namespace {

constexpr std::array<unsigned, 38> small_primes{3,  5,  7,  11, 13, 17,  19,  23,  29,  31,  37,  41,  43,  47,  53,  59,  61,  67,  71,
                                                73, 79, 83, 89, 97, 101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167};

bool is_power_of_65537(BN_ULONG residue, unsigned prime) noexcept {
    const unsigned generator = 65'537U % prime;
    unsigned power = 1;
    do {
        if (power == residue) return true;
        power = power * generator % prime;
    } while (power != 1);
    return false;
}

}  // namespace

bool has_roca_weakness(const BIGNUM* modulus) noexcept {
    for (const unsigned prime : small_primes)
        if (!is_power_of_65537(BN_mod_word(modulus, prime), prime)) return false;
    return true;
}

}  // namespace junctor::jose
