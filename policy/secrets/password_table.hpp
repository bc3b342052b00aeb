#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/config/problems.hpp"
#include "core/model/principal.hpp"
#include "policy/secrets/scram_keys.hpp"
#include "policy/secrets/scrypt_hash.hpp"

namespace junctor {

/// One user of a password file.
struct PasswordUser {
    std::string name;
    std::optional<ScryptHash> password;
    std::vector<ScramKeys> scram;
    std::string curve_key;  ///< CurveZMQ: the public key; empty: none
    std::vector<std::string> groups;

    const ScramKeys* scram_for(Digest digest) const noexcept;
    /// Whether one of the secrets is the one with this mark.
    bool keeps(std::string_view mark) const;
    /// The user's line.
    std::string text() const;
};

/// A user name as a line begins with it: percent-encoded as far as it has to be. nullopt for one that nobody can have: empty, longer
/// than 256 bytes, no UTF-8, with a colon (RFC 7617 section 2) or control characters.
std::optional<std::string> written_user_name(std::string_view name);

/// `Principal::shown` of one who showed a secret of a password file: a digest of what the file keeps of it, which never leaves memory.
std::string mark_of(std::string_view kept_secret);

/// Whether these are 40 characters of Z85 (ZeroMQ RFC 32).
bool valid_curve_key(std::string_view key) noexcept;

/// Which user a line is about; empty: none.
std::string_view user_field(std::string_view line) noexcept;

/// What a password file says. Immutable once read. One user a line, its fields between spaces:
///
///     !decoy <base64>                                     salts of users that do not exist; made by `junctor passwd`
///     <name> [scrypt$...] [SCRAM-SHA-256$...] [curve=<Z85>] [groups=a,b]
///
/// Empty lines and those that begin with `#` say nothing.
class PasswordTable {
public:
    /// Adds what is wrong, with its line, to `problems`: then nobody of the file may be let in. A file without users is wrong, too.
    static PasswordTable parse(std::string_view text, config::Problems& problems);

    const PasswordUser* find(std::string_view name) const;
    const PasswordUser* find_key(std::string_view curve_key) const;
    std::size_t size() const noexcept { return users_.size(); }
    /// Whether one that the file vouched for is not in it any more, in other groups, or with another secret than it showed.
    bool disowns(const Principal& principal) const;

    /// What stands in for the password of a user that is not there or has none: of a cost that some user of the file has.
    ScryptHash decoy_password(std::string_view name) const;
    ScramKeys decoy_scram(Digest digest, std::string_view name) const;
    bool offers(Digest digest) const noexcept;

private:
    void take_line(std::string_view line, config::Position at, config::Problems& problems);
    void take_decoy(std::string_view text, config::Position at, config::Problems& problems);
    std::size_t some_number(std::string_view name) const;

    std::unordered_map<std::string, PasswordUser> users_;
    std::unordered_map<std::string, std::string> keys_;  ///< whose CURVE key it is
    std::vector<ScryptHash::Cost> costs_;  ///< of every user that has a password
    std::vector<ScramKeys> scram_;         ///< the first of each digest
    ByteBuffer secret_;
};

}  // namespace junctor
