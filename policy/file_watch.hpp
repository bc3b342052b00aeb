#pragma once

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace junctor {

/// Notices on a thread of its own that a file is another one: written, replaced, or a link that leads elsewhere. Looks every quarter of a
/// second, which works on every file system, and waits until what it sees has stood still for as long: a file that is being written is
/// not taken for a short one.
class FileWatch {
public:
    static constexpr std::chrono::milliseconds interval{250};

    /// `changed` is called on the watch's thread. What the file is now counts as known.
    FileWatch(std::filesystem::path path, std::function<void()> changed);
    /// Waits for a call of `changed` under way.
    ~FileWatch();
    FileWatch(const FileWatch&) = delete;
    FileWatch& operator=(const FileWatch&) = delete;

    /// What tells this content of the file from another one; empty where there is no file.
    static std::string identity(const std::filesystem::path& path);

private:
    void run();

    const std::filesystem::path path_;
    const std::function<void()> changed_;
    std::string known_;
    std::string seen_;
    std::mutex mutex_;
    std::condition_variable wake_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace junctor
