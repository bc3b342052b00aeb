#pragma once

#include "core/base/clock.hpp"
#include "core/base/ids.hpp"
#include "core/base/random.hpp"
#include "core/model/limits.hpp"

namespace junctor {

class Gate;
class Journal;
class Mailbox;
class MailReceiver;
class Metrics;
class SessionTable;
class TimerWheel;

/// One share-nothing core as everything that lives on it sees it: where to find its one clock, timers, sessions and door.
/// Knows no sockets: the event loop drives it in production, the simulation drives several of them in one thread.
class Core {
public:
    struct Parts {
        CoreId id;
        std::uint16_t count;  ///< how many cores there are
        Clock& clock;
        Random& random;
        TimerWheel& timers;
        SessionTable& sessions;
        Mailbox& mailbox;
        Journal& journal;
        Metrics& metrics;
        const Limits& limits;
    };

    explicit Core(Parts parts) noexcept : parts_(parts), now_(parts.clock.now()) {}
    Core(const Core&) = delete;
    Core& operator=(const Core&) = delete;

    CoreId id() const noexcept { return parts_.id; }
    std::uint16_t count() const noexcept { return parts_.count; }
    /// The time of this round; costs nothing.
    TimePoint now() const noexcept { return now_; }
    WallTime wall() const noexcept { return parts_.clock.wall(); }
    Random& random() noexcept { return parts_.random; }
    TimerWheel& timers() noexcept { return parts_.timers; }
    SessionTable& sessions() noexcept { return parts_.sessions; }
    Mailbox& mailbox() noexcept { return parts_.mailbox; }
    /// Where what must outlive the process is written down.
    Journal& journal() noexcept { return parts_.journal; }
    Metrics& metrics() noexcept { return parts_.metrics; }
    const Limits& limits() const noexcept { return parts_.limits; }
    Gate& gate() noexcept { return *gate_; }
    /// Where mail from other cores goes (all of it, `Mail::call` too).
    MailReceiver& receiver() noexcept { return *receiver_; }

    /// Where a named session lives (DESIGN 5.6).
    CoreId home_of(TenantId tenant, std::string_view name) const noexcept;

    /// The driver's: at the start of every round, and once when the gate exists.
    void begin_round() noexcept { now_ = parts_.clock.now(); }
    void set_gate(Gate& gate) noexcept { gate_ = &gate; }
    void set_receiver(MailReceiver& receiver) noexcept { receiver_ = &receiver; }

private:
    Parts parts_;
    TimePoint now_;
    Gate* gate_ = nullptr;
    MailReceiver* receiver_ = nullptr;
};

}  // namespace junctor
