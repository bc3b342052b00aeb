#include "policy/secrets/scram_keys.hpp"

#include <charconv>

#include "core/base/base64.hpp"

namespace junctor {
namespace {

constexpr std::uint32_t least_iterations = 4'096;
constexpr std::uint32_t most_iterations = 10'000'000;

/// What stands before `mark`, which is taken off with it.
std::optional<std::string_view> take_until(std::string_view& text, char mark) noexcept {
    const std::size_t end = text.find(mark);
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view taken = text.substr(0, end);
    text.remove_prefix(end + 1);
    return taken;
}

bool read_iterations(std::string_view text, std::uint32_t& iterations) noexcept {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), iterations);
    return error == std::errc{} && end == text.data() + text.size() && iterations >= least_iterations && iterations <= most_iterations;
}

}  // namespace

std::string_view scram_mechanism(Digest digest) noexcept { return digest == Digest::sha256 ? "SCRAM-SHA-256" : "SCRAM-SHA-512"; }

std::optional<ScramKeys> ScramKeys::parse(std::string_view text) {
    ScramKeys keys;
    const auto mechanism = take_until(text, '$');
    if (!mechanism || (mechanism != scram_mechanism(Digest::sha256) && mechanism != scram_mechanism(Digest::sha512))) return std::nullopt;
    keys.digest = mechanism == scram_mechanism(Digest::sha256) ? Digest::sha256 : Digest::sha512;
    const auto iterations = take_until(text, ':');
    const auto salt = take_until(text, '$');
    const auto stored_key = take_until(text, ':');
    if (!iterations || !salt || !stored_key || !read_iterations(*iterations, keys.iterations)) return std::nullopt;
    const bool read = append_from_base64(keys.salt, *salt) && append_from_base64(keys.stored_key, *stored_key) &&
                      append_from_base64(keys.server_key, text);
    const std::size_t size = digest_size(keys.digest);
    if (!read || keys.salt.size() < 8 || keys.stored_key.size() != size || keys.server_key.size() != size) return std::nullopt;
    return keys;
}

ScramKeys ScramKeys::make(Digest digest, std::string_view password, std::uint32_t iterations, ByteBuffer salt) {
    const ByteBuffer salted = pbkdf2(digest, password, salt, iterations);
    ByteBuffer stored_key = hash(digest, hmac(digest, salted, as_bytes("Client Key")));
    ByteBuffer server_key = hmac(digest, salted, as_bytes("Server Key"));
    return {digest, iterations, std::move(salt), std::move(stored_key), std::move(server_key)};
}

ScramKeys ScramKeys::decoy(Digest digest, std::string_view name, std::uint32_t iterations, std::size_t salt_size, Bytes secret) {
    ByteBuffer salt = hmac(Digest::sha512, secret, as_bytes(name));
    salt.resize(salt_size, 0);
    return {digest, iterations, std::move(salt), random_bytes(digest_size(digest)), random_bytes(digest_size(digest))};
}

std::string ScramKeys::text() const {
    return std::string(scram_mechanism(digest)) + "$" + std::to_string(iterations) + ":" + to_base64(salt) + "$" + to_base64(stored_key) + ":" +
           to_base64(server_key);
}

}  // namespace junctor
