#include "core/store/store_directory.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <functional>

#include "core/base/setup_error.hpp"

namespace junctor {

namespace fs = std::filesystem;

namespace {

/// What the system says becomes a sentence that names the directory.
void attempt(const fs::path& root, const std::string& what, const std::function<void()>& action) {
    try {
        action();
    } catch (const fs::filesystem_error& error) {
        throw SetupError("the store '" + root.string() + "' " + what + ": " + error.code().message() +
                         "; give this user the right to it or set another 'store: {dir: ...}'");
    }
}

void make_private(const fs::path& dir) {
    if (fs::create_directories(dir)) fs::permissions(dir, fs::perms::owner_all);
}

void make_durable(const fs::path& dir) noexcept {
    const int descriptor = ::open(dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return;
    ::fsync(descriptor);
    ::close(descriptor);
}

/// `20260131-235959`, in UTC: sorts by age.
std::string now_as_name() {
    const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
    std::tm parts{};
    gmtime_r(&now, &parts);
    std::string text(15, ' ');
    std::strftime(text.data(), text.size() + 1, "%Y%m%d-%H%M%S", &parts);
    return text;
}

std::string name_of(pid_t process) {
    std::ifstream file("/proc/" + std::to_string(process) + "/comm");
    std::string name;
    std::getline(file, name);
    return name.empty() ? "process " + std::to_string(process) : name + " (process " + std::to_string(process) + ")";
}

}  // namespace

void StoreDirectory::prepare() const {
    attempt(root_, "cannot be made", [&] {
        make_private(root_);
        // Put away, and the new one not yet in its place.
        if (!fs::exists(database()) && fs::exists(rebuilt())) fs::rename(rebuilt(), database());
        fs::remove_all(rebuilt());
        fs::remove_all(replaced());
        make_private(database());
    });
    if (::access(database().c_str(), R_OK | W_OK | X_OK) != 0)
        attempt(root_, "cannot be written",
                [&] { throw fs::filesystem_error("", std::error_code(errno, std::generic_category())); });
}

fs::path StoreDirectory::keep_damaged() const {
    const std::string name = "damaged-" + now_as_name();
    fs::path kept = root_ / name;
    for (int number = 2; fs::exists(kept); ++number) kept = root_ / (name + "-" + std::to_string(number));
    attempt(root_, "is damaged and cannot be copied before it is mended", [&] {
        fs::copy(database(), kept, fs::copy_options::recursive);
        fs::permissions(kept, fs::perms::owner_all);
    });
    return kept;
}

void StoreDirectory::adopt_rebuilt() const {
    attempt(root_, "cannot take the rebuilt database", [&] {
        make_durable(rebuilt());
        fs::rename(database(), replaced());
        fs::rename(rebuilt(), database());
        make_durable(root_);
        fs::remove_all(replaced());
    });
}

std::string StoreDirectory::holder() const {
    const int descriptor = ::open((database() / "LOCK").c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return {};
    struct flock lock {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    const bool held = ::fcntl(descriptor, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK && lock.l_pid > 0;
    ::close(descriptor);
    return held ? name_of(lock.l_pid) : std::string();
}

}  // namespace junctor
