#include "tests/unit/connectors/zeromq/poll_host.hpp"

#include <poll.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace junctor::test {

struct PollHost::Watch final : DescriptorWatch {
    Watch(PollHost& owner, int fd, std::function<void()> told) : host(owner), descriptor(fd), readable(std::move(told)) {
        host.watches_.push_back(this);
    }
    ~Watch() override { host.watches_.remove(this); }

    PollHost& host;
    int descriptor;
    std::function<void()> readable;
};

std::unique_ptr<DescriptorWatch> PollHost::watch(Core&, int descriptor, std::function<void()> readable) {
    return std::make_unique<Watch>(*this, descriptor, std::move(readable));
}

std::size_t PollHost::run_once(int wait_ms) {
    std::size_t work = 0;
    for (auto& task : std::exchange(tasks_, {})) {
        task(core_);
        ++work;
    }
    std::vector<pollfd> polled;
    for (const Watch* watch : watches_) polled.push_back({watch->descriptor, POLLIN, 0});
    if (poll(polled.data(), polled.size(), tasks_.empty() ? wait_ms : 0) <= 0) return work;
    for (const pollfd& each : polled) {
        if ((each.revents & POLLIN) == 0) continue;
        const auto watch = std::find_if(watches_.begin(), watches_.end(), [&](const Watch* one) { return one->descriptor == each.fd; });
        if (watch != watches_.end()) (*watch)->readable();
        ++work;
    }
    return work;
}

bool PollHost::last_becomes_readable(int wait_ms) const {
    pollfd last{watches_.back()->descriptor, POLLIN, 0};
    return poll(&last, 1, wait_ms) == 1;
}

bool PollHost::run_until(const std::function<bool()>& done) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (!done()) {
        if (std::chrono::steady_clock::now() > deadline) return false;
        run_once(20);
    }
    return true;
}

}  // namespace junctor::test
