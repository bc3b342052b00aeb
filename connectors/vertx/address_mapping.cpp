#include "connectors/vertx/address_mapping.hpp"

#include <optional>

namespace junctor::vertx {
namespace {

constexpr std::string_view digits = "0123456789ABCDEF";
constexpr std::string_view more = "25";

constexpr bool forbidden(unsigned char c) noexcept { return c == '+' || c == '#' || c < 0x20 || c == 0x7f; }

/// The character for which the two digits at the front of `text` stand, where it is one that has to be escaped.
std::optional<char> escaped_at(std::string_view text) noexcept {
    if (text.size() < 2) return std::nullopt;
    const std::size_t high = digits.find(text[0]);
    const std::size_t low = digits.find(text[1]);
    if (high == digits.npos || low == digits.npos) return std::nullopt;
    const auto c = static_cast<unsigned char>(high * 16 + low);
    return forbidden(c) ? std::optional(static_cast<char>(c)) : std::nullopt;
}

/// Behind a `%`: any number of `25`, then an escape.
bool looks_escaped(std::string_view rest) noexcept {
    while (rest.starts_with(more)) rest.remove_prefix(more.size());
    return escaped_at(rest).has_value();
}

}  // namespace

std::string topic_of_address(std::string_view address) {
    std::string topic;
    topic.reserve(address.size());
    for (std::size_t at = 0; at < address.size(); ++at) {
        const auto c = static_cast<unsigned char>(address[at]);
        if (forbidden(c)) {
            topic += {'%', digits[c >> 4], digits[c & 15]};
        } else {
            topic += address[at];
            if (c == '%' && looks_escaped(address.substr(at + 1))) topic += more;
        }
    }
    return topic;
}

std::string address_of_topic(std::string_view topic) {
    std::string address;
    address.reserve(topic.size());
    for (std::size_t at = 0; at < topic.size(); ++at) {
        const std::string_view rest = topic.substr(at + 1);
        if (topic[at] != '%' || !looks_escaped(rest)) {
            address += topic[at];
        } else if (const std::optional<char> c = escaped_at(rest)) {
            address += *c;
            at += 2;
        } else {
            address += '%';
            at += more.size();
        }
    }
    return address;
}

}  // namespace junctor::vertx
