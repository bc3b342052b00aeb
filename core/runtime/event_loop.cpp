#include "core/runtime/event_loop.hpp"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

namespace junctor {

namespace {

constexpr std::uint64_t reactor_interval = 16;  // busy rounds between two looks at Asio
constexpr int reactor_batch = 255;              // a bare poll() never ends while handlers repost
constexpr Duration longest_sleep = std::chrono::minutes(1);
constexpr Duration longest_backlog_nap = std::chrono::milliseconds(1);

}  // namespace

/// Asio's part of the loop: its own handlers, and one wait on the poller as a whole while somebody uses it.
struct EventLoop::Reactor {
    explicit Reactor(int its_poller) : poller(its_poller) {}
    ~Reactor() {
        if (poller_wait.is_open()) poller_wait.release();
    }

    /// Whether anything but us uses it: without outstanding work poll_one() stops the context, and makes no system call.
    bool used() {
        io.restart();
        io.poll_one();
        return !io.stopped();
    }

    void sleep(Duration patience) {
        if (!poller_wait.is_open()) poller_wait.assign(poller);
        if (!armed) {
            armed = true;
            poller_wait.async_wait(boost::asio::posix::descriptor_base::wait_read, [this](const ErrorCode&) { armed = false; });
        }
        io.run_one_for(patience);
        run_ready();
    }

    void run_ready() {
        for (int i = 0; i < reactor_batch && io.poll_one() != 0; ++i) {
        }
    }

    int poller;
    boost::asio::io_context io{1};
    boost::asio::posix::basic_stream_descriptor<boost::asio::io_context::executor_type> poller_wait{io};
    bool armed = false;
};

EventLoop::EventLoop(Parts parts)
    : id_(parts.id),
      clock_(parts.clock),
      mesh_(parts.mesh),
      timers_(parts.clock.now()),
      sessions_(parts.id),
      mailbox_(parts.id, parts.mesh),
      journal_(parts.id, parts.store),
      core_({parts.id, parts.mesh.size(), parts.clock, random_, timers_, sessions_, mailbox_, journal_, metrics_, parts.limits}),
      reactor_(std::make_unique<Reactor>(poller_.descriptor())),
      take_([this](Mail&& mail) { take(std::move(mail)); }) {
    Doorbell& bell = mesh_.bell(id_);
    poller_.add(bell.descriptor(), bell, EPOLLIN);
}

EventLoop::~EventLoop() = default;

boost::asio::io_context& EventLoop::io() noexcept { return reactor_->io; }

void EventLoop::run() {
    bool busy = true;
    while (!stopping_.load(std::memory_order_acquire)) busy = round(busy || sleepless() ? Duration::zero() : patience());
}

void EventLoop::stop() noexcept {
    stopping_.store(true, std::memory_order_release);
    mesh_.bell(id_).ring();
}

void EventLoop::post(std::function<void(Core&)> task) {
    {
        const std::lock_guard lock(posted_mutex_);
        posted_.push_back(std::move(task));
    }
    has_posted_.store(true, std::memory_order_release);
    mesh_.bell(id_).ring();
}

bool EventLoop::round(Duration patience) {
    poller_.wait(patience);
    mesh_.bell(id_).awake();
    ++round_;
    core_.begin_round();
    timers_.advance(core_.now());
    std::size_t work = poller_.dispatch();
    if (round_ % reactor_interval == 0) reactor_->run_ready();
    work += run_posted();
    work += mailbox_.receive(take_);
    journal_.flush();
    mailbox_.hand_over();
    work += flush_dirty();
    return work != 0;
}

bool EventLoop::sleepless() noexcept {
    if (mailbox_.backlogged()) wait_for_room();
    return mailbox_.staged() || !dirty_.empty() || journal_.staged();
}

/// Another core's ring is full and there is nothing else to do: unread input would keep the poller awake, so only the doorbell counts.
void EventLoop::wait_for_room() noexcept {
    Doorbell& bell = mesh_.bell(id_);
    bell.going_to_sleep();
    if (!mailbox_.has_mail()) bell.wait(longest_backlog_nap);
    bell.awake();
}

/// How long the next round may wait. From here on the doorbell wakes the loop, so work is looked for once more.
Duration EventLoop::patience() noexcept {
    mesh_.bell(id_).going_to_sleep();
    if (mailbox_.has_mail() || has_posted_.load(std::memory_order_acquire) || stopping_.load(std::memory_order_acquire))
        return Duration::zero();
    if (!reactor_->used()) return until_next_timer();
    reactor_->sleep(until_next_timer());
    return Duration::zero();
}

Duration EventLoop::until_next_timer() noexcept {
    const TimePoint due = timers_.next_due();
    if (due == TimePoint::max()) return longest_sleep;
    return std::clamp(due - clock_.now(), Duration::zero(), longest_sleep);
}

std::size_t EventLoop::run_posted() {
    if (!has_posted_.exchange(false, std::memory_order_acq_rel)) return 0;
    std::vector<std::function<void(Core&)>> tasks;
    {
        const std::lock_guard lock(posted_mutex_);
        tasks.swap(posted_);
    }
    for (const auto& task : tasks) task(core_);
    return tasks.size();
}

void EventLoop::take(Mail&& mail) {
    if (mail.what == Mail::What::call) return (*mail.task)(core_);
    mail_handler_(std::move(mail));
}

std::size_t EventLoop::flush_dirty() noexcept {
    flushing_.swap(dirty_);
    for (std::size_t i = 0; i < flushing_.size(); ++i)
        if (Pollable* pollable = std::exchange(flushing_[i], nullptr)) pollable->flush();
    const std::size_t count = flushing_.size();
    flush_count_ += count;
    flushing_.clear();
    return count;
}

void EventLoop::unmark(const Pollable& pollable) noexcept {
    std::replace(dirty_.begin(), dirty_.end(), const_cast<Pollable*>(&pollable), static_cast<Pollable*>(nullptr));
    std::replace(flushing_.begin(), flushing_.end(), const_cast<Pollable*>(&pollable), static_cast<Pollable*>(nullptr));
}

}  // namespace junctor
