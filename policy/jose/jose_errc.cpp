#include "policy/jose/jose_errc.hpp"

#include <array>
#include <string>

namespace junctor::jose {
namespace {

constexpr std::array<const char*, 12> sentences{"success",
                                                "not a signed token in compact form",
                                                "a token with a header that is not taken",
                                                "an algorithm that is not offered",
                                                "no key of that id takes that algorithm",
                                                "the signature does not fit",
                                                "not a public key",
                                                "a key that is too short or known to be weak",
                                                "a key that is not for signatures",
                                                "a kind of key that no offered algorithm uses",
                                                "two keys of one id for the same algorithm",
                                                "secrets and public keys in one set"};
static_assert(sentences.size() == static_cast<std::size_t>(JoseErrc::mixed_keys) + 1);

class JoseCategory final : public boost::system::error_category {
    const char* name() const noexcept override { return "jose"; }
    std::string message(int value) const override { return sentences.at(static_cast<std::size_t>(value)); }
};

}  // namespace

const boost::system::error_category& jose_category() noexcept {
    static const JoseCategory category;
    return category;
}

}  // namespace junctor::jose
