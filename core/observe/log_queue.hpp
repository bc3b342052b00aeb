#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace junctor {

/// Lines on their way to a slow place, written by a thread of its own. Bounded: when it is full the oldest line goes, counted.
class LogQueue {
public:
    using Sink = std::function<void(std::string_view line)>;
    static constexpr std::size_t max_lines = 8'192;

    explicit LogQueue(Sink sink);
    /// Writes what is left.
    ~LogQueue();

    void push(std::string line);
    void set_sink(Sink sink);
    /// Waits until all lines pushed before are with the sink.
    void flush();

private:
    void run();

    std::mutex mutex_;
    std::condition_variable pushed_;
    std::condition_variable written_;
    std::deque<std::string> lines_;
    Sink sink_;
    std::size_t dropped_ = 0;
    bool writing_ = false;
    bool ending_ = false;
    std::thread thread_;
};

}  // namespace junctor
