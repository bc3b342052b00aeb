#include "gateway/signals.hpp"

#include <csignal>
#include <initializer_list>

namespace junctor {

namespace {

sigset_t set_of(std::initializer_list<int> signals) {
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : signals) sigaddset(&set, signal);
    return set;
}

}  // namespace

Signals::Signals() {
    std::signal(SIGPIPE, SIG_IGN);
    const sigset_t set = set_of({SIGTERM, SIGINT, SIGHUP});
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

Signals::~Signals() {
    const sigset_t set = set_of({SIGTERM, SIGINT, SIGHUP});
    pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
    std::signal(SIGPIPE, SIG_DFL);
}

Signals::Order Signals::wait() {
    const sigset_t set = set_of({SIGTERM, SIGINT, SIGHUP});
    int signal = 0;
    while (sigwait(&set, &signal) != 0) continue;
    return signal == SIGHUP ? Order::reload : Order::stop;
}

void Signals::let_them_kill() noexcept {
    const sigset_t set = set_of({SIGTERM, SIGINT});
    pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

}  // namespace junctor
