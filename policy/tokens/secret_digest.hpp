#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string_view>

namespace junctor {

/// Names a secret without telling it: a keyed hash whose key is drawn when the process starts, so that nobody can try out secrets
/// against one, or find two alike. Never stored or sent.
class SecretDigest {
public:
    /// Of several texts; no other texts give the same, wherever one ends and the next begins.
    static SecretDigest of(std::initializer_list<std::string_view> texts);

    friend bool operator==(const SecretDigest&, const SecretDigest&) = default;
    /// Any eight bytes are as good as the others.
    std::size_t hash() const noexcept;

private:
    std::array<std::uint8_t, 32> bytes_{};
};

}  // namespace junctor

template <>
struct std::hash<junctor::SecretDigest> {
    std::size_t operator()(const junctor::SecretDigest& digest) const noexcept { return digest.hash(); }
};
