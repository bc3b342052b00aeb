#include "policy/secrets/scrypt_hash.hpp"

#include <openssl/evp.h>

#include <charconv>
#include <new>

#include "core/base/base64.hpp"
#include "policy/secrets/crypto.hpp"

namespace junctor {
namespace {

constexpr std::string_view scheme = "scrypt$";
constexpr std::size_t salt_size = 16;
constexpr std::size_t key_size = 32;
constexpr std::uint64_t most_memory = 256U << 20;

/// The number behind `name=`, which is taken off `text` with the comma behind it.
std::optional<std::uint32_t> take_number(std::string_view& text, std::string_view name) {
    if (!text.starts_with(name)) return std::nullopt;
    text.remove_prefix(name.size());
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end == text.data()) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (text.starts_with(',')) text.remove_prefix(1);
    return number;
}

bool affordable(const ScryptHash::Cost& cost) noexcept {
    if (cost.log_n < 10 || cost.log_n > 20 || cost.r < 1 || cost.r > 64 || cost.p < 1 || cost.p > 16) return false;
    return (std::uint64_t{128} * cost.r << cost.log_n) <= most_memory;
}

std::optional<ScryptHash::Cost> parse_cost(std::string_view text) {
    const auto log_n = take_number(text, "ln="), r = take_number(text, "r="), p = take_number(text, "p=");
    if (!log_n || !r || !p || !text.empty()) return std::nullopt;
    const ScryptHash::Cost cost{*log_n, *r, *p};
    return affordable(cost) ? std::optional(cost) : std::nullopt;
}

/// Empty when there was no memory for it.
ByteBuffer derive(std::string_view password, Bytes salt, const ScryptHash::Cost& cost) {
    ByteBuffer key(key_size);
    const std::uint64_t working_memory = 2 * most_memory;
    const int done = EVP_PBE_scrypt(password.data(), password.size(), salt.data(), salt.size(), std::uint64_t{1} << cost.log_n, cost.r,
                                    cost.p, working_memory, key.data(), key.size());
    if (done != 1) key.clear();
    return key;
}

}  // namespace

std::optional<ScryptHash> ScryptHash::parse(std::string_view text) {
    if (!text.starts_with(scheme)) return std::nullopt;
    text.remove_prefix(scheme.size());
    const std::size_t first = text.find('$');
    const std::size_t second = first == std::string_view::npos ? first : text.find('$', first + 1);
    if (second == std::string_view::npos) return std::nullopt;
    const auto cost = parse_cost(text.substr(0, first));
    ScryptHash hash;
    const bool read = cost && append_from_base64(hash.salt_, text.substr(first + 1, second - first - 1)) &&
                      append_from_base64(hash.key_, text.substr(second + 1));
    if (!read || hash.salt_.size() < 8 || hash.key_.size() != key_size) return std::nullopt;
    hash.cost_ = *cost;
    return hash;
}

ScryptHash ScryptHash::make(std::string_view password, const Cost& cost) {
    ScryptHash hash;
    hash.cost_ = cost;
    hash.salt_ = random_bytes(salt_size);
    hash.key_ = derive(password, hash.salt_, cost);
    if (hash.key_.empty()) throw std::bad_alloc();
    return hash;
}

ScryptHash ScryptHash::decoy(const Cost& cost) {
    ScryptHash hash;
    hash.cost_ = cost;
    hash.salt_ = random_bytes(salt_size);
    hash.key_ = random_bytes(key_size);
    return hash;
}

std::string ScryptHash::text() const {
    return std::string(scheme) + "ln=" + std::to_string(cost_.log_n) + ",r=" + std::to_string(cost_.r) + ",p=" + std::to_string(cost_.p) + "$" +
           to_base64(salt_) + "$" + to_base64(key_);
}

/// To HMAC, which scrypt begins with, a password and the same one with NULs behind it are one key (RFC 2104 section 2).
bool ScryptHash::matches(std::string_view password) const {
    const bool same = equal_in_constant_time(derive(password, salt_, cost_), key_);
    return same && password.find('\0') == std::string_view::npos;
}

}  // namespace junctor
