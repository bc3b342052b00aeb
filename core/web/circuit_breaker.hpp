#pragma once

#include "core/base/clock.hpp"
#include "core/base/random.hpp"

namespace junctor::web {

/// Spares a server that fails, and those who wait for it: after several failures in a row nobody is let through for a while, then one
/// at a time to see. Knows no clock; the caller says the time.
///
/// It opens after `failures` in a row, and earlier when they last: at the second one, when the first of them began `patience` ago. So
/// a server that hangs is found out within 3 s by those who wait no longer than a second, however few they are.
class CircuitBreaker {
public:
    static constexpr int failures = 5;
    static constexpr Duration patience = std::chrono::milliseconds(1'500);
    static constexpr Duration first_pause = std::chrono::milliseconds(500);
    static constexpr Duration longest_pause = std::chrono::seconds(8);

    /// A pause is cut by chance to between half of it and all, so that gateways do not come back together.
    explicit CircuitBreaker(Random& random) noexcept : random_(random) {}

    enum class Pass : std::uint8_t { no, yes, probe };

    /// May a request go out now? A probe is the only one on its way: it ends in one of the calls below.
    Pass ask(TimePoint now) noexcept;
    void succeeded() noexcept;
    /// `began`: when the request was made that failed; `pass`: how it was let through.
    void failed(TimePoint began, TimePoint now, Pass pass = Pass::yes) noexcept;
    /// A probe went away without an answer.
    void abandoned() noexcept { probing_ = false; }

    bool open() const noexcept { return open_; }
    /// When it lets the next one through; while it is open.
    TimePoint until() const noexcept { return until_; }

private:
    void pause(TimePoint now) noexcept;

    Random& random_;
    bool open_ = false;
    bool probing_ = false;
    int failed_ = 0;
    TimePoint failing_since_{};
    Duration next_pause_ = first_pause;
    TimePoint until_{};
};

}  // namespace junctor::web
