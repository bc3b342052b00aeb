#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "core/base/clock.hpp"

namespace junctor {

/// How much one connection has sent lately.
struct Appetite {
    std::uint32_t now = 0;     ///< bytes, in the window that is open
    std::uint32_t before = 0;  ///< in the one before
    std::uint16_t window = 0;
    std::uint16_t written = 0;  ///< bytes to it since it sent last, at most `Appetites::most_written`
};

/// The appetites of one core's connections beside each other: while there is more to read than time, those that ask for little need not
/// wait for those that ask for much.
class Appetites {
public:
    static constexpr Duration window_length = std::chrono::milliseconds(64);
    static constexpr std::size_t most_written = 2 << 10;

    /// Once in every round.
    void turn(TimePoint now) noexcept {
        if (now < window_end_) return;
        window_end_ = now + window_length;
        ++window_;
        fair_share_ = mean();
        bytes_ = senders_ = 0;
        crowded_ >>= 1;
    }

    /// It is sent `bytes`, which the next ones from it may be about: an acknowledgement is short, and as much work as what it is for.
    static void count_written(Appetite& appetite, std::size_t bytes) noexcept {
        appetite.written = static_cast<std::uint16_t>(std::min(appetite.written + bytes, most_written));
    }

    /// It has sent `bytes` more.
    void count(Appetite& appetite, std::size_t bytes) noexcept {
        if (appetite.window != window_) {
            const std::uint32_t before = static_cast<std::uint16_t>(appetite.window + 1) == window_ ? appetite.now : 0;
            appetite = {0, before, window_, appetite.written};
            ++senders_;
        }
        bytes += std::exchange(appetite.written, std::uint16_t{0});
        appetite.now += static_cast<std::uint32_t>(bytes);
        bytes_ += bytes;
    }

    /// There is more to read than time. Holds for this window and the next one.
    void crowd() noexcept { crowded_ = 0b11; }

    /// Whether that one, just counted, is among those that take the time of the others: who was, until it sends much less.
    bool large(const Appetite& appetite, bool was_large) const noexcept {
        return crowded_ != 0 && std::max(appetite.now, appetite.before) > std::max(fair_share_, mean()) / (was_large ? 4 : 2);
    }

private:
    std::size_t mean() const noexcept { return senders_ == 0 ? 0 : bytes_ / senders_; }

    TimePoint window_end_;
    std::uint16_t window_ = 1;
    std::uint8_t crowded_ = 0;
    std::size_t bytes_ = 0;
    std::size_t senders_ = 0;
    std::size_t fair_share_ = 0;  ///< bytes that a sender sent on average in the window before
};

}  // namespace junctor
