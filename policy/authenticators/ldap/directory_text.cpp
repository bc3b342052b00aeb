#include "policy/authenticators/ldap/directory_text.hpp"

namespace junctor {

std::string escape_filter(std::string_view value) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string escaped;
    for (const char c : value) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte < 0x7f && c != '*' && c != '(' && c != ')' && c != '\\')
            escaped += c;
        else
            escaped += {'\\', digits[byte >> 4], digits[byte & 15]};
    }
    return escaped;
}

std::string fill(std::string_view text, std::string_view name, std::string_view value) {
    const std::string mark = "${" + std::string(name) + "}";
    std::string filled;
    for (std::size_t at = text.find(mark); at != std::string_view::npos; at = text.find(mark)) {
        filled += text.substr(0, at);
        filled += value;
        text.remove_prefix(at + mark.size());
    }
    return filled += text;
}

}  // namespace junctor
