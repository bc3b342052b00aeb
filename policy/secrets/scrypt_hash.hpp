#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/bytes.hpp"

namespace junctor {

/// A password as scrypt (RFC 7914) keeps it: `scrypt$ln=15,r=8,p=3$<salt>$<key>`, base64.
class ScryptHash {
public:
    /// What one guess costs: 2^log_n * r * 128 bytes of memory, p times over.
    struct Cost {
        std::uint32_t log_n = 15;
        std::uint32_t r = 8;
        std::uint32_t p = 3;

        friend bool operator==(const Cost&, const Cost&) = default;
    };

    /// nullopt: not of that form, or of a cost that is too low to protect anything or too high to be paid (more than 256 MiB).
    static std::optional<ScryptHash> parse(std::string_view text);
    /// With a salt of its own. Takes its time, as `matches` does: not on an event loop. Throws std::bad_alloc.
    static ScryptHash make(std::string_view password, const Cost& cost);
    /// Of nobody's password: costs the same to compare.
    static ScryptHash decoy(const Cost& cost);

    std::string text() const;
    bool matches(std::string_view password) const;
    const Cost& cost() const noexcept { return cost_; }

private:
    ScryptHash() = default;

    Cost cost_;
    ByteBuffer salt_;
    ByteBuffer key_;
};

}  // namespace junctor
