#pragma once

#include <iosfwd>
#include <optional>
#include <string>

namespace junctor {

/// What `junctor passwd` was asked to do.
struct PasswdCommand {
    std::string file;
    std::string user;
    std::optional<std::string> groups;  ///< between commas; none: as they are
    std::string curve_key_file;         ///< with the public key; empty: as it is, and the password is asked for
    bool scram = false;
    bool remove = false;
};

/// Asks for the password at the terminal, without showing it, or takes the first line of `in`. Throws SetupError.
void change_password(const PasswdCommand& command, std::istream& in, std::ostream& out);

/// Makes a CURVE key: the secret in `file` (0600), the public one in `file`.pub. Never replaces a file. Throws SetupError.
void make_curve_key(const std::string& file, std::ostream& out);

}  // namespace junctor
