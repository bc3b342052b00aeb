#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace junctor {

/// Threads for what would hold up an event loop: hashing, libraries that block. First come, first served, from any thread.
class WorkerPool {
public:
    /// At most `queue` tasks wait.
    WorkerPool(unsigned threads, std::size_t queue);
    /// Waits for the tasks under way; those that wait are dropped.
    ~WorkerPool();
    WorkerPool(const WorkerPool&) = delete;
    WorkerPool& operator=(const WorkerPool&) = delete;

    /// False when too many wait already. `task` does not throw.
    bool submit(std::function<void()> task);

private:
    void work();

    const std::size_t most_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::function<void()>> tasks_;
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

/// For passwords: all authenticators of the process share it, and it is as small as leaves the cores their time.
WorkerPool& hashing_pool();

}  // namespace junctor
