#pragma once

#include "core/observe/metrics.hpp"
#include "core/ports/mailbox.hpp"
#include "core/runtime/core.hpp"
#include "core/runtime/timer_wheel.hpp"
#include "core/session/session_table.hpp"
#include "core/store/journal.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/seeded_random.hpp"
#include "tests/unit/connectors/zeromq/small_gate.hpp"

namespace junctor::test {

/// One core on a fake clock with a SmallGate.
struct SmallCore {
    explicit SmallCore(Limits its_limits = {}) : limits(its_limits) { core.set_gate(gate); }

    void advance(Duration by) {
        clock.advance(by);
        core.begin_round();
        timers.advance(core.now());
    }

    struct NoMail final : Mailbox {
        void post(CoreId, Mail&&) noexcept override {}
    };

    Limits limits;
    FakeClock clock;
    SeededRandom random{1};
    TimerWheel timers{clock.now()};
    SessionTable sessions{CoreId{0}};
    NoMail mailbox;
    Journal journal{CoreId{0}, nullptr};
    Metrics metrics;
    SmallGate gate{clock};
    Core core{{CoreId{0}, 1, clock, random, timers, sessions, mailbox, journal, metrics, limits}};
};

}  // namespace junctor::test
