#include "policy/secrets/password_table.hpp"

#include <algorithm>

#include "core/base/base64.hpp"
#include "core/base/utf8.hpp"
#include "core/base/z85.hpp"
#include "core/ports/http.hpp"

namespace junctor {
namespace {

constexpr std::string_view decoy_mark = "!decoy";
constexpr std::string_view groups_mark = "groups=";
constexpr std::string_view curve_mark = "curve=";
constexpr std::string_view kept_as_it_is = "@+=,;&";
constexpr std::size_t longest_name = 256;

std::string_view take_field(std::string_view& line) noexcept {
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    const std::string_view field = line.substr(0, line.find_first_of(" \t"));
    line.remove_prefix(field.size());
    return field;
}

bool valid_group(std::string_view group) noexcept {
    return !group.empty() && group.size() <= longest_name && valid_utf8(group) &&
           std::ranges::none_of(group, [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == 0x7f || c == ','; });
}

bool read_groups(std::string_view text, std::vector<std::string>& groups) {
    while (!text.empty()) {
        const std::string_view group = text.substr(0, text.find(','));
        if (!valid_group(group)) return false;
        groups.emplace_back(group);
        text.remove_prefix(std::min(text.size(), group.size() + 1));
    }
    return true;
}

/// Empty, or what is wrong with a field behind the name. Never shows a secret.
std::string take(std::string_view field, PasswordUser& user) {
    if (field.starts_with(groups_mark)) {
        if (read_groups(field.substr(groups_mark.size()), user.groups)) return {};
        return "groups are written groups=one,two";
    }
    if (field.starts_with(curve_mark)) {
        if (!user.curve_key.empty()) return "has two CURVE keys";
        user.curve_key = field.substr(curve_mark.size());
        return valid_curve_key(user.curve_key) ? "" : "has a CURVE key that is not 40 characters of Z85";
    }
    if (auto password = ScryptHash::parse(field)) {
        if (user.password) return "has two passwords";
        user.password = std::move(password);
        return {};
    }
    if (auto keys = ScramKeys::parse(field)) {
        if (user.scram_for(keys->digest)) return "has two SCRAM passwords of one kind";
        user.scram.push_back(*std::move(keys));
        return {};
    }
    return "has a field that is none of scrypt$..., SCRAM-SHA-256$..., SCRAM-SHA-512$..., curve=... and groups=...; 'junctor passwd' writes it right";
}

}  // namespace

const ScramKeys* PasswordUser::scram_for(Digest digest) const noexcept {
    const auto found = std::ranges::find(scram, digest, &ScramKeys::digest);
    return found == scram.end() ? nullptr : &*found;
}

bool PasswordUser::keeps(std::string_view mark) const {
    if (mark.empty()) return false;
    if (password && mark_of(password->text()) == mark) return true;
    if (!curve_key.empty() && mark_of(curve_key) == mark) return true;
    return std::ranges::any_of(scram, [&](const ScramKeys& keys) { return mark_of(keys.text()) == mark; });
}

std::string mark_of(std::string_view kept_secret) { return to_base64(hash(Digest::sha256, as_bytes(kept_secret))); }

std::string PasswordUser::text() const {
    std::string line = written_user_name(name).value_or("");
    if (password) line += " " + password->text();
    for (const ScramKeys& keys : scram) line += " " + keys.text();
    if (!curve_key.empty()) line += " " + std::string(curve_mark) + curve_key;
    for (std::size_t at = 0; at < groups.size(); ++at) line += (at == 0 ? " " + std::string(groups_mark) : ",") + groups[at];
    return line;
}

std::optional<std::string> written_user_name(std::string_view name) {
    const bool odd = std::ranges::any_of(name, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f || c == ':'; });
    if (odd || name.empty() || name.size() > longest_name || !valid_utf8(name)) return std::nullopt;
    return percent_encode(name, kept_as_it_is);
}

bool valid_curve_key(std::string_view key) noexcept { return key.size() == 40 && z85_characters(key); }

std::string_view user_field(std::string_view line) noexcept {
    const std::string_view field = take_field(line);
    return field.starts_with('#') || field.starts_with('!') ? std::string_view() : field;
}

PasswordTable PasswordTable::parse(std::string_view text, config::Problems& problems) {
    PasswordTable table;
    for (int number = 1; !text.empty(); ++number) {
        std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        if (line.ends_with('\r')) line.remove_suffix(1);
        table.take_line(line, {number, 1}, problems);
    }
    if (table.users_.empty() && problems.empty()) problems.add({}, "names no user: 'junctor passwd FILE USER' adds one");
    if (table.secret_.empty()) table.secret_ = random_bytes(32);
    return table;
}

void PasswordTable::take_line(std::string_view line, config::Position at, config::Problems& problems) {
    const std::string_view first = take_field(line);
    if (first.empty() || first.starts_with('#')) return;
    if (first == decoy_mark) return take_decoy(take_field(line), at, problems);
    PasswordUser user;
    user.name = percent_decode(first).value_or("");
    // One way to write each name: else one line could hide behind another.
    if (written_user_name(user.name) != first) return problems.add(at, "does not begin with a user's name as 'junctor passwd' writes it");
    for (std::string_view field = take_field(line); !field.empty(); field = take_field(line))
        if (const std::string problem = take(field, user); !problem.empty()) return problems.add(at, "user '" + user.name + "' " + problem);
    if (!user.password && user.scram.empty() && user.curve_key.empty()) return problems.add(at, "user '" + user.name + "' has no password");
    if (!user.curve_key.empty() && !keys_.emplace(user.curve_key, user.name).second)
        return problems.add(at, "user '" + user.name + "' has the CURVE key of another one");
    if (users_.contains(user.name)) return problems.add(at, "user '" + user.name + "' stands in the file already");
    if (user.password) costs_.push_back(user.password->cost());
    for (const ScramKeys& keys : user.scram)
        if (!offers(keys.digest)) scram_.push_back(keys);
    users_.emplace(user.name, std::move(user));
}

void PasswordTable::take_decoy(std::string_view text, config::Position at, config::Problems& problems) {
    secret_.clear();
    if (!append_from_base64(secret_, text) || secret_.size() < 16) problems.add(at, "!decoy is followed by at least 16 bytes in base64");
}

const PasswordUser* PasswordTable::find(std::string_view name) const {
    const auto found = users_.find(std::string(name));
    return found == users_.end() ? nullptr : &found->second;
}

bool PasswordTable::disowns(const Principal& principal) const {
    const PasswordUser* user = find(principal.name);
    return !user || user->groups != principal.groups || !user->keeps(principal.shown);
}

const PasswordUser* PasswordTable::find_key(std::string_view curve_key) const {
    const auto found = keys_.find(std::string(curve_key));
    return found == keys_.end() ? nullptr : find(found->second);
}

/// The same for the same name, and nobody outside can tell which.
std::size_t PasswordTable::some_number(std::string_view name) const {
    std::size_t number = 0;
    const ByteBuffer digest = hmac(Digest::sha256, secret_, as_bytes(name));
    for (std::size_t at = 0; at < std::min(digest.size(), sizeof number); ++at) number = number << 8 | digest[at];
    return number;
}

ScryptHash PasswordTable::decoy_password(std::string_view name) const {
    return ScryptHash::decoy(costs_.empty() ? ScryptHash::Cost{} : costs_[some_number(name) % costs_.size()]);
}

ScramKeys PasswordTable::decoy_scram(Digest digest, std::string_view name) const {
    const auto like = std::ranges::find(scram_, digest, &ScramKeys::digest);
    const bool none = like == scram_.end();
    return ScramKeys::decoy(digest, name, none ? ScramKeys::usual_iterations : like->iterations, none ? 16 : like->salt.size(), secret_);
}

bool PasswordTable::offers(Digest digest) const noexcept { return std::ranges::find(scram_, digest, &ScramKeys::digest) != scram_.end(); }

}  // namespace junctor
