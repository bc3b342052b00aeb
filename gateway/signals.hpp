#pragma once

namespace junctor {

/// The signals that steer the gateway (SIGTERM, SIGINT, SIGHUP), taken one after the other by whoever waits. SIGPIPE is ignored.
/// Make it before any thread, so that no thread gets them.
class Signals {
public:
    enum class Order { stop, reload };

    Signals();
    /// Gives the signals back as they were.
    ~Signals();
    Signals(const Signals&) = delete;
    Signals& operator=(const Signals&) = delete;

    Order wait();
    /// From here on SIGTERM and SIGINT end the process at once.
    void let_them_kill() noexcept;
};

}  // namespace junctor
