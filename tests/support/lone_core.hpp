#pragma once

#include "core/model/limits.hpp"
#include "core/observe/metrics.hpp"
#include "core/ports/mailbox.hpp"
#include "core/runtime/core.hpp"
#include "core/runtime/timer_wheel.hpp"
#include "core/session/session_table.hpp"
#include "core/store/journal.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/fake_gate.hpp"
#include "tests/support/seeded_random.hpp"

namespace junctor::test {

/// A core on its own, behind whose door stands a FakeGate: what one protocol object needs to live.
class LoneCore {
public:
    explicit LoneCore(CoreId id = {}, std::uint16_t count = 1)
        : core(Core::Parts{id, count, clock, random, timers, sessions, mailbox, journal, metrics, limits}), sessions(id) {
        core.set_gate(gate);
    }

    /// Moves time, and fires what is due by then.
    void advance(Duration by) {
        clock.advance(by);
        core.begin_round();
        timers.advance(core.now());
    }

    struct DeadEnd final : Mailbox {
        void post(CoreId, Mail&&) noexcept override {}
    };

    FakeClock clock;
    SeededRandom random{1};
    TimerWheel timers{clock.now()};
    DeadEnd mailbox;
    Journal journal{{}, nullptr};
    Metrics metrics;
    Limits limits;
    FakeGate gate;
    Core core;
    SessionTable sessions;
};

}  // namespace junctor::test
