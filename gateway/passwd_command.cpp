#include "gateway/passwd_command.hpp"

#include <termios.h>
#include <unistd.h>

#include <iostream>

#include "core/base/setup_error.hpp"
#include "core/config/file_text.hpp"
#include "gateway/new_file.hpp"
#include "policy/secrets/crypto.hpp"
#include "policy/secrets/curve_key.hpp"
#include "policy/secrets/password_edit.hpp"

namespace junctor {

namespace {

/// The terminal shows nothing of what is typed while this lives.
class Unseen {
public:
    Unseen() {
        if (tcgetattr(STDIN_FILENO, &before_) != 0) return;
        termios now = before_;
        now.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        changed_ = tcsetattr(STDIN_FILENO, TCSAFLUSH, &now) == 0;
    }
    ~Unseen() {
        if (changed_) tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
    }
    Unseen(const Unseen&) = delete;
    Unseen& operator=(const Unseen&) = delete;

private:
    termios before_{};
    bool changed_ = false;
};

std::string first_line(std::istream& in) {
    std::string line;
    std::getline(in, line);
    if (line.ends_with('\r')) line.pop_back();
    return line;
}

std::string ask(const std::string& question, std::istream& in) {
    std::cerr << question << std::flush;
    const Unseen unseen;
    std::string answer = first_line(in);
    std::cerr << '\n';
    return answer;
}

std::string new_password(const PasswdCommand& command, std::istream& in) {
    if (&in != &std::cin || isatty(STDIN_FILENO) != 1) return first_line(in);
    std::string password = ask("New password of " + command.user + ": ", in);
    std::string again = ask("Once more: ", in);
    const bool same = password == again;
    wipe(again);
    if (!same) throw SetupError("The two are not the same; nothing has changed.");
    return password;
}

std::string key_in(const std::string& file) {
    config::FileText read = config::read_file(file, 4'096);
    if (!read.problem.empty()) throw SetupError("'" + file + "' " + read.problem);
    while (!read.text.empty() && (read.text.back() == '\n' || read.text.back() == '\r')) read.text.pop_back();
    return std::move(read.text);
}

std::vector<std::string> split(std::string_view text) {
    std::vector<std::string> parts;
    while (!text.empty()) {
        const std::string_view part = text.substr(0, text.find(','));
        parts.emplace_back(part);
        text.remove_prefix(std::min(text.size(), part.size() + 1));
    }
    return parts;
}

}  // namespace

void change_password(const PasswdCommand& command, std::istream& in, std::ostream& out) {
    PasswordEdit edit;
    edit.user = command.user;
    edit.remove = command.remove;
    edit.scram = command.scram;
    if (command.groups) edit.groups = split(*command.groups);
    if (!command.curve_key_file.empty()) edit.curve_key = key_in(command.curve_key_file);
    const bool other_things = edit.remove || edit.curve_key;
    if (!other_things) edit.password = new_password(command, in);
    edit_password_file(command.file, edit);
    if (edit.password) wipe(*edit.password);
    out << "'" << command.user << "' " << (edit.remove ? "is gone from '" : "stands in '") << command.file << "'.\n";
}

void make_curve_key(const std::string& file, std::ostream& out) {
    const CurveKey key = CurveKey::make();
    write_new_file(file, key.secret + "\n", 0600);
    write_new_file(file + ".pub", key.open + "\n", 0644);
    out << "Wrote the secret key to '" << file << "' and the public one, " << key.open << ", to '" << file << ".pub'.\n";
}

}  // namespace junctor
