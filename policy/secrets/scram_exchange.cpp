#include "policy/secrets/scram_exchange.hpp"

#include <algorithm>

#include "core/base/base64.hpp"
#include "core/base/utf8.hpp"

namespace junctor {
namespace {

constexpr std::size_t longest_message = 2'048;
constexpr std::size_t longest_nonce = 256;

/// The next attribute, without the comma behind it.
std::string_view take_attribute(std::string_view& rest) noexcept {
    const std::string_view attribute = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(rest.size(), attribute.size() + 1));
    return attribute;
}

/// RFC 5802 section 5.1: `,` and `=` are written =2C and =3D.
std::optional<std::string> decode_name(std::string_view text) {
    std::string name;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '=') {
            name += text[at];
            continue;
        }
        const std::string_view code = text.substr(at, 3);
        if (code != "=2C" && code != "=3D") return std::nullopt;
        name += code == "=2C" ? ',' : '=';
        at += 2;
    }
    if (name.empty() || !valid_utf8(name) || name.find('\0') != std::string::npos) return std::nullopt;
    return name;
}

bool valid_nonce(std::string_view nonce) noexcept {
    return !nonce.empty() && nonce.size() <= longest_nonce && std::ranges::all_of(nonce, [](char c) { return c > ' ' && c <= '~' && c != ','; });
}

}  // namespace

std::optional<std::string> ScramExchange::begin(std::string_view message) {
    if (message.size() > longest_message) return std::nullopt;
    std::string_view rest = message;
    const std::string_view binding = take_attribute(rest);
    const std::string_view other = take_attribute(rest);
    // `y`: the client could bind to the channel, and knows that this side did not offer it.
    if ((binding != "n" && binding != "y") || (!other.empty() && !other.starts_with("a="))) return std::nullopt;
    header_ = message.substr(0, message.size() - rest.size());
    client_first_ = rest;
    const std::string_view user = take_attribute(rest);
    const std::string_view nonce = take_attribute(rest);
    // `m=` in front would be an extension that must be understood.
    if (!user.starts_with("n=") || !nonce.starts_with("r=") || !valid_nonce(nonce.substr(2))) return std::nullopt;
    auto name = decode_name(user.substr(2));
    if (!name || (!other.empty() && decode_name(other.substr(2)) != name)) return std::nullopt;
    nonce_ = std::string(nonce.substr(2)) + nonce_;
    return name;
}

std::string ScramExchange::challenge(ScramKeys keys) {
    keys_ = std::move(keys);
    server_first_ = "r=" + nonce_ + ",s=" + to_base64(keys_.salt) + ",i=" + std::to_string(keys_.iterations);
    return server_first_;
}

std::optional<std::string> ScramExchange::finish(std::string_view message) const {
    if (message.size() > longest_message || server_first_.empty()) return std::nullopt;
    const std::size_t end = message.rfind(",p=");
    if (end == std::string_view::npos) return std::nullopt;
    std::string_view rest = message.substr(0, end);
    const std::string auth_message = client_first_ + "," + server_first_ + "," + std::string(rest);
    if (take_attribute(rest) != "c=" + to_base64(as_bytes(header_)) || take_attribute(rest) != "r=" + nonce_) return std::nullopt;
    ByteBuffer proof;
    if (!append_from_base64(proof, message.substr(end + 3)) || !proves(proof, auth_message)) return std::nullopt;
    return "v=" + to_base64(hmac(digest_, keys_.server_key, as_bytes(auth_message)));
}

bool ScramExchange::proves(Bytes proof, std::string_view auth_message) const {
    const ByteBuffer signature = hmac(digest_, keys_.stored_key, as_bytes(auth_message));
    if (proof.size() != signature.size()) return false;
    ByteBuffer client_key(proof.size());
    std::ranges::transform(proof, signature, client_key.begin(), [](std::uint8_t a, std::uint8_t b) { return static_cast<std::uint8_t>(a ^ b); });
    return equal_in_constant_time(hash(digest_, client_key), keys_.stored_key);
}

}  // namespace junctor
