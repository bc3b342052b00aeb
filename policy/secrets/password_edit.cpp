#include "policy/secrets/password_edit.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "core/base/setup_error.hpp"
#include "core/config/file_text.hpp"
#include "policy/secrets/password_table.hpp"

namespace junctor {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t largest_file = 64U << 20;
constexpr std::size_t longest_password = 1'024;

[[noreturn]] void fail(const fs::path& file, const char* what) {
    throw SetupError("'" + file.string() + "' " + what + ": " + std::strerror(errno));
}

class Descriptor {
public:
    explicit Descriptor(int number) noexcept : number_(number) {}
    ~Descriptor() {
        if (number_ >= 0) ::close(number_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int get() const noexcept { return number_; }

private:
    int number_;
};

void require_password(std::string_view password, bool scram) {
    if (password.empty()) throw SetupError("An empty password is none: nobody could be told from anybody.");
    if (password.size() > longest_password) throw SetupError("A password has at most 1024 bytes.");
    if (password.find('\0') != std::string_view::npos) throw SetupError("A password has no NUL in it.");
    const bool ascii = std::ranges::all_of(password, [](char c) { return c >= ' ' && c <= '~'; });
    if (scram && !ascii) throw SetupError("A password for SCRAM is made of printable ASCII characters; leave out --scram for this one.");
}

PasswordTable read_table(std::string_view text, const std::string& source) {
    config::Problems problems(source);
    PasswordTable table = PasswordTable::parse(text, problems);
    if (problems.empty()) return table;
    throw SetupError(problems.lines().front() + "; correct or remove that line first");
}

/// An old password ends everywhere.
void set_password(PasswordUser& user, const PasswordEdit& edit) {
    const bool scram = edit.scram || !user.scram.empty();
    require_password(*edit.password, scram);
    ScryptHash::Cost cost;
    if (edit.log_cost) cost.log_n = *edit.log_cost;
    user.password = ScryptHash::make(*edit.password, cost);
    user.scram.clear();
    for (const Digest digest : {Digest::sha256, Digest::sha512})
        if (scram) user.scram.push_back(ScramKeys::make(digest, *edit.password, ScramKeys::usual_iterations, random_bytes(16)));
}

PasswordUser renewed(PasswordUser user, const PasswordEdit& edit) {
    user.name = edit.user;
    if (edit.password) set_password(user, edit);
    if (edit.curve_key) user.curve_key = *edit.curve_key;
    if (!user.curve_key.empty() && !valid_curve_key(user.curve_key)) throw SetupError("A public CURVE key is 40 characters of Z85.");
    if (edit.groups) user.groups = *edit.groups;
    return user;
}

/// `text` with the user's line replaced, or taken out where there is no new one.
std::string with_line(std::string_view text, std::string_view user, const std::string& new_line) {
    std::string edited;
    bool found = false;
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        const bool this_one = user_field(line) == user;
        found = found || this_one;
        if (!this_one) edited += std::string(line) + "\n";
        else if (!new_line.empty()) edited += new_line + "\n";
    }
    if (!found && !new_line.empty()) edited += new_line + "\n";
    return edited;
}

void write_all(int descriptor, std::string_view text, const fs::path& file) {
    while (!text.empty()) {
        const ssize_t written = ::write(descriptor, text.data(), text.size());
        if (written > 0) text.remove_prefix(static_cast<std::size_t>(written));
        else if (errno != EINTR) fail(file, "cannot be written");
    }
}

void replace(const fs::path& file, const std::string& text, int directory) {
    struct stat old {};
    const bool exists = ::stat(file.c_str(), &old) == 0;
    std::string made = (file.parent_path() / ("." + file.filename().string() + ".XXXXXX")).string();
    const Descriptor descriptor(::mkostemp(made.data(), O_CLOEXEC));  // 0600
    if (descriptor.get() < 0) fail(file, "cannot be replaced: no file can be made beside it");
    try {
        // Root edits for the user that the gateway runs as.
        if (exists && ::fchown(descriptor.get(), old.st_uid, old.st_gid) != 0 && ::geteuid() == 0) fail(file, "cannot keep its owner");
        write_all(descriptor.get(), text, file);
        if (::fsync(descriptor.get()) != 0 || ::rename(made.c_str(), file.c_str()) != 0) fail(file, "cannot be replaced");
    } catch (...) {
        ::unlink(made.c_str());
        throw;
    }
    ::fsync(directory);
}

}  // namespace

std::string edited_password_file(std::string_view text, const std::string& source, const PasswordEdit& edit) {
    const std::optional<std::string> name = written_user_name(edit.user);
    if (!name) throw SetupError("A user's name has 1 to 256 bytes, without colon and control characters.");
    const bool empty = text.find_first_not_of(" \t\r\n") == std::string_view::npos;
    if (edit.remove && empty) throw SetupError("'" + source + "' has no user '" + edit.user + "'");
    if (empty) {
        const std::string fresh = "# Users of junctor; 'junctor passwd' edits it.\n!decoy " + to_base64(random_bytes(32)) + "\n";
        return fresh + renewed({}, edit).text() + "\n";
    }
    const PasswordTable table = read_table(text, source);
    const PasswordUser* user = table.find(edit.user);
    if (edit.remove && !user) throw SetupError("'" + source + "' has no user '" + edit.user + "'");
    // The last user's line may go; the file then lets nobody in, and says so when it is read.
    return with_line(text, *name, edit.remove ? std::string() : renewed(user ? *user : PasswordUser{}, edit).text());
}

void edit_password_file(const fs::path& named, const PasswordEdit& edit) {
    std::error_code no_link;
    fs::path file = fs::is_symlink(named, no_link) ? fs::canonical(named) : named;
    if (!file.has_parent_path()) file = fs::path(".") / file;
    const Descriptor directory(::open(file.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (directory.get() < 0) fail(file.parent_path(), "cannot be opened");
    if (::flock(directory.get(), LOCK_EX) != 0) fail(file.parent_path(), "cannot be locked");
    std::string text;
    if (fs::exists(file)) {
        config::FileText read = config::read_file(file, largest_file);
        if (!read.problem.empty()) throw SetupError("'" + file.string() + "' " + read.problem);
        text = std::move(read.text);
    }
    replace(file, edited_password_file(text, file.string(), edit), directory.get());
}

}  // namespace junctor
