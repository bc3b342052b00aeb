#pragma once

#include <deque>
#include <memory>
#include <unordered_map>
#include <vector>

#include "core/ports/outbound.hpp"
#include "core/runtime/timer_wheel.hpp"
#include "core/web/circuit_breaker.hpp"
#include "core/web/outbound_link.hpp"
#include "core/web/outbound_metrics.hpp"

namespace junctor::web {

/// One server that the gateway asks: its connections, the requests that wait for one, its circuit breaker. A state machine: links,
/// clock and timers are given, so that tests own them. On one thread; nothing is heard from within a call into it, except failures.
class OutboundOrigin {
public:
    struct Options {
        std::size_t connections = 32;
        std::size_t waiting = 10'000;            ///< requests that wait for a connection
        std::size_t waiting_bytes = 16U << 20;
        Duration connect_timeout = std::chrono::seconds(3);
        Duration idle_timeout = std::chrono::seconds(30);  ///< for which an unused connection is kept
    };

    struct Parts {
        std::string name;  ///< `https://host:port`
        const Clock& clock;
        TimerWheel& timers;
        Random& random;
        OutboundDial dial;
        OutboundMetrics metrics;
    };

    struct Job {
        std::uint64_t id = 0;  ///< names it for `cancel`
        std::shared_ptr<const ByteBuffer> wire;
        TimePoint began;
        Duration timeout{};
        std::size_t max_body = 0;
        bool bodiless = false;
        bool repeatable = false;
        OutboundRequest::Sense makes_sense;  ///< empty: any answer does
        OutboundDone done;  ///< must not throw, nor call back here at once
    };

    OutboundOrigin(Options options, Parts parts);
    ~OutboundOrigin();
    OutboundOrigin(const OutboundOrigin&) = delete;
    OutboundOrigin& operator=(const OutboundOrigin&) = delete;

    void submit(Job job);
    /// Of a job that has ended: nothing.
    void cancel(std::uint64_t id);
    /// Everybody hears `stopped`.
    void stop();

    bool unused() const noexcept { return jobs_.empty(); }
    std::size_t connections() const noexcept { return connections_.size(); }
    std::size_t waiting() const noexcept { return waiting_.size(); }
    const CircuitBreaker& breaker() const noexcept { return breaker_; }

private:
    struct Task;
    struct Connection;
    using Tasks = std::unordered_map<std::uint64_t, std::unique_ptr<Task>>;

    OutboundFailure admit(Task& task) noexcept;
    bool start(Task& task);
    Connection* free_connection();
    void begin(Connection& connection, Task& task);
    void start_waiting();
    void finished(Connection& connection, OutboundAnswer answer, OutboundLink::Ending ending);
    void try_again(Connection& stale, Task& task);
    void out_of_time(Task& task);
    void settle(Task& task, OutboundAnswer answer);
    void judge(const Task& task, const OutboundAnswer& answer);
    void refuse_waiting();
    void drop(Connection& connection);
    void leave_queue(const Task& task);

    const Options options_;
    Parts parts_;
    CircuitBreaker breaker_;
    Tasks jobs_;
    std::deque<Task*> waiting_;
    std::size_t waiting_bytes_ = 0;
    std::vector<std::unique_ptr<Connection>> connections_;  ///< the most recently used idle one last
};

}  // namespace junctor::web
