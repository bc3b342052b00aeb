#include "policy/secrets/distinguished_name.hpp"

#include <algorithm>

#include "core/base/ascii.hpp"

namespace junctor {
namespace {

constexpr std::string_view special = ",+\"\\<>;=";                      // may stand behind a backslash
constexpr std::string_view forbidden{"\"<>;\0", 5};                    // may not stand without one

int hex_digit(char c) noexcept {
    if (c >= '0' && c <= '9') return c - '0';
    const char l = ascii_lower(c);
    return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

bool key_character(char c) noexcept { return (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.'; }

/// Reads attribute by attribute.
class Reader {
public:
    explicit Reader(std::string_view text) noexcept : text_(text) {}

    bool done() const noexcept { return at_ == text_.size(); }

    bool read(DistinguishedName::Attribute& attribute) {
        skip_blanks();
        while (!done() && key_character(text_[at_])) attribute.type += static_cast<char>(upper(text_[at_++]));
        skip_blanks();
        if (attribute.type.empty() || done() || text_[at_++] != '=') return false;
        skip_blanks();
        if (!done() && text_[at_] == '#') return false;  // BER in hex: of a type that nobody here has a use for
        return read_value(attribute.value);
    }

    /// Goes over `,` or `+`. False: neither.
    bool next(bool& joined) noexcept {
        joined = text_[at_] == '+';
        return text_[at_++] == ',' || joined;
    }

private:
    static int upper(char c) noexcept { return c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c; }
    void skip_blanks() noexcept {
        while (!done() && text_[at_] == ' ') ++at_;
    }

    bool read_value(std::string& value) {
        std::size_t kept = 0;  // blanks behind it count only when escaped
        for (; !done() && text_[at_] != ',' && text_[at_] != '+'; ++at_) {
            const char c = text_[at_];
            if (c == '\\') {
                if (!read_escape(value)) return false;
                kept = value.size();
                continue;
            }
            if (forbidden.find(c) != std::string_view::npos) return false;
            value += c;
            if (c != ' ') kept = value.size();
        }
        value.resize(kept);
        return true;
    }

    /// Leaves `at_` on the last character of the escape.
    bool read_escape(std::string& value) {
        if (++at_ == text_.size()) return false;
        const char c = text_[at_];
        if (special.find(c) != std::string_view::npos || c == ' ' || c == '#') {
            value += c;
            return true;
        }
        if (at_ + 1 == text_.size()) return false;
        const int high = hex_digit(c), low = hex_digit(text_[at_ + 1]);
        if (high < 0 || low < 0) return false;
        value += static_cast<char>(high << 4 | low);
        ++at_;
        return true;
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

}  // namespace

std::optional<DistinguishedName> DistinguishedName::parse(std::string_view text) {
    DistinguishedName name;
    Reader reader(text);
    bool joined = false;
    if (reader.done()) return name;
    for (;;) {
        Attribute attribute;
        attribute.joined = joined;
        if (!reader.read(attribute)) return std::nullopt;
        name.attributes_.push_back(std::move(attribute));
        if (reader.done()) return name;
        if (!reader.next(joined)) return std::nullopt;
    }
}

std::string DistinguishedName::escape(std::string_view value) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string escaped;
    for (std::size_t at = 0; at < value.size(); ++at) {
        const char c = value[at];
        const auto byte = static_cast<unsigned char>(c);
        const bool edge = (at == 0 && (c == ' ' || c == '#')) || (at + 1 == value.size() && c == ' ');
        if (byte < 0x20 || byte == 0x7f) {
            escaped += {'\\', digits[byte >> 4], digits[byte & 15]};
            continue;
        }
        if (edge || special.find(c) != std::string_view::npos) escaped += '\\';
        escaped += c;
    }
    return escaped;
}

std::vector<std::string> DistinguishedName::values(std::string_view type) const {
    std::vector<std::string> found;
    for (const Attribute& attribute : attributes_)
        if (equal_ignoring_case(attribute.type, type)) found.push_back(attribute.value);
    return found;
}

}  // namespace junctor
