#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "core/observe/metrics.hpp"
#include "core/runtime/core.hpp"
#include "core/runtime/poller.hpp"
#include "core/runtime/ring_mailbox.hpp"
#include "core/runtime/system_random.hpp"
#include "core/runtime/timer_wheel.hpp"
#include "core/session/session_table.hpp"
#include "core/session/slab_pool.hpp"
#include "core/store/journal.hpp"

namespace boost::asio {
class io_context;
}

namespace junctor {

/// One core at work: a thread's event loop around its `Core`, its connections' descriptors and its mail.
///
/// A round: one look at the descriptors, which is also where an idle loop sleeps; then timers, ready descriptors,
/// posted tasks, mail that arrived; then the journal is submitted, mail is handed over and every dirty connection written once. Mail goes
/// before connections, so that an acknowledgement is never written before what it acknowledges stands in the rings; the journal goes before
/// mail, so that what another core submits in answer to it comes later.
/// Whatever needs Asio uses `io()`; while it is in use, an idle loop sleeps there instead.
/// Everything here is called on the loop's own thread, except where it says otherwise.
class EventLoop {
public:
    struct Parts {
        CoreId id;
        Clock& clock;
        const Limits& limits;
        CoreMesh& mesh;
        Store* store = nullptr;  ///< null: nothing outlives the process
    };

    explicit EventLoop(Parts parts);
    ~EventLoop();
    EventLoop(const EventLoop&) = delete;
    EventLoop& operator=(const EventLoop&) = delete;

    Core& core() noexcept { return core_; }
    Poller& poller() noexcept { return poller_; }
    SlabPool& slabs() noexcept { return slabs_; }
    const Metrics& metrics() const noexcept { return metrics_; }
    boost::asio::io_context& io() noexcept;

    /// Takes all mail except `Mail::What::call`, which the loop runs itself. Set before the loop runs.
    void set_mail_handler(RingMailbox::Handler handler) { mail_handler_ = std::move(handler); }

    /// Rounds and sleeps until `stop`.
    void run();
    /// From any thread.
    void stop() noexcept;
    /// Runs `task` in a later round. From any thread.
    void post(std::function<void(Core&)> task);

    /// One round without sleeping; false when there was nothing to do. `run` is made of it; tests may call it.
    bool run_round() { return round(Duration::zero()); }
    /// How many rounds there have been: names the present one.
    std::uint64_t round_number() const noexcept { return round_; }
    /// Whether connections may be read: not while another core's ring is full.
    bool may_read() const noexcept { return !mailbox_.backlogged(); }

    /// `flush` is called once, at the end of this round.
    void mark_dirty(Pollable& pollable) { dirty_.push_back(&pollable); }
    /// Takes that back.
    void unmark(const Pollable& pollable) noexcept;
    /// Flushes what is dirty, as every round does; answers how many.
    std::size_t flush_dirty() noexcept;
    /// Submits what is to be stored, as every round does. Also when the last round is over.
    void flush_journal() noexcept { journal_.flush(); }
    /// How many have been flushed so far.
    std::uint64_t flush_count() const noexcept { return flush_count_; }

private:
    struct Reactor;

    bool round(Duration patience);
    bool sleepless() noexcept;
    void wait_for_room() noexcept;
    Duration patience() noexcept;
    Duration until_next_timer() noexcept;
    std::size_t run_posted();
    void take(Mail&& mail);

    CoreId id_;
    Clock& clock_;
    CoreMesh& mesh_;
    SystemRandom random_;
    TimerWheel timers_;
    SessionTable sessions_;
    RingMailbox mailbox_;
    Journal journal_;
    Metrics metrics_;
    Core core_;
    Poller poller_;
    SlabPool slabs_;
    std::unique_ptr<Reactor> reactor_;
    RingMailbox::Handler mail_handler_;
    RingMailbox::Handler take_;
    std::vector<Pollable*> dirty_;
    std::vector<Pollable*> flushing_;
    std::uint64_t round_ = 0;
    std::uint64_t flush_count_ = 0;

    std::mutex posted_mutex_;
    std::vector<std::function<void(Core&)>> posted_;
    std::atomic<bool> has_posted_{false};
    std::atomic<bool> stopping_{false};
};

}  // namespace junctor
