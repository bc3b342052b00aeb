#include "policy/jose/compact_token.hpp"

#include <array>
#include <optional>

#include "core/base/ascii.hpp"
#include "core/base/base64.hpp"
#include "policy/jose/jose_errc.hpp"
#include "policy/jose/strict_json.hpp"

namespace junctor::jose {
namespace {

struct Parts {
    std::string_view header;
    std::string_view payload;
    std::string_view signature;
};

std::optional<Parts> split(std::string_view text) noexcept {
    const std::size_t first = text.find('.');
    if (first == std::string_view::npos) return std::nullopt;
    const std::size_t second = text.find('.', first + 1);
    if (second == std::string_view::npos || text.find('.', second + 1) != std::string_view::npos) return std::nullopt;
    return Parts{text.substr(0, first), text.substr(first + 1, second - first - 1), text.substr(second + 1)};
}

/// Parameters that no token needs here, and that have let attackers choose the key or the rules.
bool names_refused_parameter(const nlohmann::json& header) {
    static constexpr std::array<const char*, 7> refused{"crit", "b64", "jwk", "jku", "x5c", "x5u", "zip"};
    for (const char* name : refused)
        if (header.contains(name)) return true;
    return false;
}

/// False where it is there and no string.
bool take_text(const nlohmann::json& header, const char* name, std::string& to) {
    if (!header.contains(name)) return true;
    const std::string* text = string_member(header, name);
    if (!text) return false;
    to = *text;
    return true;
}

/// RFC 7515 section 4.1.9: media types compare without case, and `application/` may be left out.
std::string bare_type(std::string type) {
    for (char& c : type) c = ascii_lower(c);
    constexpr std::string_view prefix = "application/";
    return type.starts_with(prefix) && type.find('/', prefix.size()) == std::string::npos ? type.substr(prefix.size()) : type;
}

Result<void> read_header(std::string_view encoded, CompactToken& token) {
    ByteBuffer text;
    if (!append_from_base64url(text, encoded)) return JoseErrc::malformed;
    const Result<nlohmann::json> header = parse_strict_object(as_text(text), token_json);
    if (!header) return header.error();
    const std::string* name = string_member(*header, "alg");
    if (!name || names_refused_parameter(*header)) return JoseErrc::bad_header;
    if (!take_text(*header, "kid", token.kid) || !take_text(*header, "typ", token.type)) return JoseErrc::bad_header;
    if (token.kid.size() > CompactToken::longest_kid) return JoseErrc::bad_header;
    const std::optional<Algorithm> algorithm = parse_algorithm(*name);
    if (!algorithm) return JoseErrc::algorithm_not_offered;
    token.algorithm = *algorithm;
    token.type = bare_type(std::move(token.type));
    return {};
}

}  // namespace

Result<CompactToken> parse_compact_token(std::string_view text) {
    if (text.size() > CompactToken::most_bytes) return JoseErrc::malformed;
    const std::optional<Parts> parts = split(text);
    if (!parts || parts->header.empty()) return JoseErrc::malformed;
    CompactToken token;
    if (const Result<void> read = read_header(parts->header, token); !read) return read.error();
    if (!append_from_base64url(token.payload, parts->payload) || !append_from_base64url(token.signature, parts->signature))
        return JoseErrc::malformed;
    if (token.signature.empty()) return JoseErrc::malformed;
    token.signing_input = text.substr(0, text.size() - parts->signature.size() - 1);
    return token;
}

}  // namespace junctor::jose
