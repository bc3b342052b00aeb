#include "core/web/circuit_breaker.hpp"

#include <algorithm>

namespace junctor::web {

CircuitBreaker::Pass CircuitBreaker::ask(TimePoint now) noexcept {
    if (!open_) return Pass::yes;
    if (probing_ || now < until_) return Pass::no;
    probing_ = true;
    return Pass::probe;
}

void CircuitBreaker::succeeded() noexcept {
    open_ = probing_ = false;
    failed_ = 0;
    next_pause_ = first_pause;
}

/// What went out before it opened may fail later: only the probe makes the pause longer.
void CircuitBreaker::failed(TimePoint began, TimePoint now, Pass pass) noexcept {
    if (open_) {
        if (pass == Pass::probe) pause(now);
        return;
    }
    if (failed_++ == 0) failing_since_ = began;
    failing_since_ = std::min(failing_since_, began);
    if (failed_ >= failures || (failed_ >= 2 && now - failing_since_ >= patience)) pause(now);
}

void CircuitBreaker::pause(TimePoint now) noexcept {
    open_ = true;
    probing_ = false;
    const auto half = static_cast<std::uint64_t>(next_pause_.count() / 2);
    until_ = now + Duration(static_cast<Duration::rep>(half + random_.next() % (half + 1)));
    next_pause_ = std::min(next_pause_ * 2, longest_pause);
}

}  // namespace junctor::web
