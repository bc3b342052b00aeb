#include "core/store/key_gap.hpp"

#include <optional>

namespace junctor {

namespace {

// Keys that agree in so many more bytes than the last good one count as one place.
constexpr std::size_t resolution_bytes = 16;

unsigned digit(const std::string& number, std::size_t at) { return static_cast<std::uint8_t>(number[at]); }

/// `number` plus two to the power of `bit`; nothing where that is beyond all keys.
std::optional<std::string> plus_power(std::string number, std::size_t bit) {
    unsigned carry = 1U << bit % 8;
    for (std::size_t at = number.size() - bit / 8; carry != 0 && at > 0; --at) {
        const unsigned sum = digit(number, at - 1) + carry;
        number[at - 1] = static_cast<char>(sum);
        carry = sum >> 8;
    }
    if (carry != 0) return std::nullopt;
    return number;
}

std::string half_way(const std::string& a, const std::string& b) {
    std::string sum(a.size(), '\0');
    unsigned carry = 0;
    for (std::size_t at = a.size(); at > 0; --at) {
        carry += digit(a, at - 1) + digit(b, at - 1);
        sum[at - 1] = static_cast<char>(carry);
        carry >>= 8;
    }
    for (char& byte : sum) {
        const unsigned value = carry << 8 | static_cast<std::uint8_t>(byte);
        byte = static_cast<char>(value >> 1);
        carry = value & 1;
    }
    return sum;
}

}  // namespace

KeyGap::KeyGap(const std::string& last) : low_(last) { low_.resize(last.size() + resolution_bytes); }

bool KeyGap::widen_until(const Readable& readable) {
    for (std::size_t bit = 0; bit < low_.size() * 8; ++bit) {
        std::optional<std::string> next = plus_power(low_, bit);
        if (!next) return false;
        if (readable(*next)) {
            high_ = std::move(*next);
            return true;
        }
        low_ = std::move(*next);
    }
    return false;
}

void KeyGap::narrow(const Readable& readable) {
    while (true) {
        std::string middle = half_way(low_, high_);
        if (middle == low_) return;
        (readable(middle) ? high_ : low_) = std::move(middle);
    }
}

}  // namespace junctor
