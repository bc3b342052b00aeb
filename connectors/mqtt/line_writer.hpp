#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

namespace junctor::mqtt {

/// A thread that does in order what it is told: Paho makes whoever calls it wait while it hands a message on, and whoever takes that
/// message must not be who waits.
class LineWriter {
public:
    LineWriter() : thread_([this] { run(); }) {}
    ~LineWriter() { stop(); }
    LineWriter(const LineWriter&) = delete;

    /// From any thread. Tasks do not throw.
    void write(std::function<void()> task) {
        {
            const std::scoped_lock lock(mutex_);
            tasks_.push_back(std::move(task));
        }
        some_.notify_one();
    }
    /// Ends with the task that is being done; the others are dropped.
    void stop() {
        {
            const std::scoped_lock lock(mutex_);
            stopped_ = true;
        }
        some_.notify_one();
        if (thread_.joinable()) thread_.join();
    }

    bool stopped() {
        const std::scoped_lock lock(mutex_);
        return stopped_;
    }

private:
    void run() {
        std::unique_lock lock(mutex_);
        for (;;) {
            some_.wait(lock, [this] { return stopped_ || !tasks_.empty(); });
            if (stopped_) return;
            std::deque<std::function<void()>> tasks = std::exchange(tasks_, {});
            while (!tasks.empty() && !stopped_) {
                lock.unlock();
                tasks.front()();
                tasks.pop_front();
                lock.lock();
            }
        }
    }

    std::mutex mutex_;
    std::condition_variable some_;
    std::deque<std::function<void()>> tasks_;
    bool stopped_ = false;
    std::thread thread_;
};

}  // namespace junctor::mqtt
