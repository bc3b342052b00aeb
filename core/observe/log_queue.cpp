#include "core/observe/log_queue.hpp"

#include <utility>

namespace junctor {

LogQueue::LogQueue(Sink sink) : sink_(std::move(sink)), thread_([this] { run(); }) {}

LogQueue::~LogQueue() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    pushed_.notify_one();
    thread_.join();
}

void LogQueue::push(std::string line) {
    const std::lock_guard lock(mutex_);
    if (lines_.size() == max_lines) {
        lines_.pop_front();
        ++dropped_;
    }
    lines_.push_back(std::move(line));
    pushed_.notify_one();
}

void LogQueue::set_sink(Sink sink) {
    flush();
    const std::lock_guard lock(mutex_);
    sink_ = std::move(sink);
}

void LogQueue::flush() {
    std::unique_lock lock(mutex_);
    written_.wait(lock, [this] { return lines_.empty() && !writing_; });
}

void LogQueue::run() {
    std::unique_lock lock(mutex_);
    while (true) {
        pushed_.wait(lock, [this] { return !lines_.empty() || ending_; });
        if (lines_.empty()) return;
        const std::deque<std::string> batch = std::exchange(lines_, {});
        const std::size_t dropped = std::exchange(dropped_, 0);
        const Sink sink = sink_;
        writing_ = true;
        lock.unlock();
        if (dropped > 0) sink("log: " + std::to_string(dropped) + " lines dropped: their reader is too slow");
        for (const std::string& line : batch) sink(line);
        lock.lock();
        writing_ = false;
        written_.notify_all();
    }
}

}  // namespace junctor
