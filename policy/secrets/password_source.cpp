#include "policy/secrets/password_source.hpp"

#include "core/config/file_text.hpp"
#include "core/observe/log.hpp"
#include "policy/secrets/crypto.hpp"

namespace junctor {
namespace {

constexpr std::size_t largest_file = 64U << 20;

}  // namespace

PasswordSource::PasswordSource(std::filesystem::path file, std::function<void()> changed) : file_(std::move(file)), changed_(std::move(changed)) {
    version_.store(read());
}

std::shared_ptr<const PasswordSource::Version> PasswordSource::read() const {
    config::Problems problems(file_.string());
    config::FileText file = config::read_file(file_, largest_file);
    if (!file.problem.empty()) problems.add({}, file.problem);
    auto version = std::make_shared<Version>();
    if (problems.empty()) version->table = PasswordTable::parse(file.text, problems);
    wipe(file.text);
    if (!problems.empty()) throw config::ConfigError(problems.lines());
    const auto before = version_.load();
    version->number = before ? before->number + 1 : 1;
    return version;
}

bool PasswordSource::look() noexcept {
    try {
        version_.store(read());
    } catch (const config::ConfigError& error) {
        log_error("policy", "password file kept as it was", {{"because", error.lines().front()}});
        return false;
    }
    if (changed_) changed_();
    log_info("policy", "password file read again", {{"file", file_.string()}, {"users", std::to_string(now()->table.size())}});
    return true;
}

void PasswordSource::start() {
    watch_ = std::make_unique<FileWatch>(file_, [this] { look(); });
}

}  // namespace junctor
