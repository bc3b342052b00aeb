#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace junctor {

/// What `junctor passwd` is to do with one user of a password file.
struct PasswordEdit {
    std::string user;
    bool remove = false;                             ///< the user goes
    std::optional<std::string> password;             ///< none: as it is
    std::optional<std::string> curve_key;            ///< CurveZMQ: the public key; none: as it is
    std::optional<std::vector<std::string>> groups;  ///< none: as they are
    bool scram = false;                              ///< SCRAM-SHA-256 and SCRAM-SHA-512 too; a user that has them keeps having them
    std::optional<std::uint32_t> log_cost;           ///< scrypt's; none: the usual one
};

/// The file's new content; everything else in it stays as it is. Throws SetupError with one sentence: a file that is not valid, a name or
/// password that cannot be, nobody to delete.
std::string edited_password_file(std::string_view text, const std::string& source, const PasswordEdit& edit);

/// Reads, edits and replaces the file, which is there whole at any time (0600, of the same owner). One at a time in a directory. A
/// file that does not exist is made. Throws SetupError.
void edit_password_file(const std::filesystem::path& file, const PasswordEdit& edit);

}  // namespace junctor
