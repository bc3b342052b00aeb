#include "policy/file_watch.hpp"

#include <sys/stat.h>

namespace junctor {

std::string FileWatch::identity(const std::filesystem::path& path) {
    struct stat found {};
    if (stat(path.c_str(), &found) != 0) return {};
    std::string text;
    for (const auto number : {static_cast<long long>(found.st_dev), static_cast<long long>(found.st_ino), static_cast<long long>(found.st_size),
                              static_cast<long long>(found.st_mtim.tv_sec), static_cast<long long>(found.st_mtim.tv_nsec),
                              static_cast<long long>(found.st_ctim.tv_sec), static_cast<long long>(found.st_ctim.tv_nsec)})
        text += std::to_string(number) + ' ';
    return text;
}

FileWatch::FileWatch(std::filesystem::path path, std::function<void()> changed)
    : path_(std::move(path)), changed_(std::move(changed)), known_(identity(path_)), seen_(known_), thread_([this] { run(); }) {}

FileWatch::~FileWatch() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

void FileWatch::run() {
    std::unique_lock lock(mutex_);
    while (!wake_.wait_for(lock, interval, [this] { return stopping_; })) {
        std::string now = identity(path_);
        const bool settled = now == seen_ && now != known_;
        seen_ = now;
        if (!settled) continue;
        known_ = std::move(now);
        lock.unlock();
        changed_();
        lock.lock();
    }
}

}  // namespace junctor
