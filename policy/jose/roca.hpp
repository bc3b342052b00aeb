#pragma once

#include <openssl/bn.h>

namespace junctor::jose {

/// Whether an RSA modulus has the mark of the generator of CVE-2017-15361 (ROCA), whose keys can be factored: modulo every small
/// prime it is a power of 65537. By chance that is so for one modulus in 2^27 or fewer of any size that is taken here.
bool has_roca_weakness(const BIGNUM* modulus) noexcept;

}  // namespace junctor::jose
