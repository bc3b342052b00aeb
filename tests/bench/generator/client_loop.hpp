#pragma once

#include <chrono>
#include <vector>

#include "tests/bench/generator/connection.hpp"

namespace bench {

/// Waits for many connections in one thread.
class ClientLoop {
public:
    ClientLoop();
    ~ClientLoop();
    ClientLoop(const ClientLoop&) = delete;
    ClientLoop& operator=(const ClientLoop&) = delete;

    /// `connection` stays where it is until it or the loop is gone; it may go between two polls.
    void add(Connection& connection);

    /// Sends what the connection has; the rest goes when the socket takes it.
    void flush(Connection& connection);

    /// Handles what is ready now, or becomes ready within `timeout_ms`.
    void poll(std::chrono::nanoseconds patience);

private:
    void watch(Connection& connection, int operation, bool for_writing) const;

    int epoll_;
    std::vector<char> buffer_;
};

}  // namespace bench
