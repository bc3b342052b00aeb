#include "core/routing/announcements.hpp"

#include <utility>

#include "core/observe/log.hpp"
#include "core/runtime/core.hpp"

namespace junctor {

void Announcements::add(Announcement announcement) {
    waiting_.push_back(std::move(announcement));
    go_on();
}

void Announcements::available(bool yes) noexcept {
    there_ = yes;
    go_on();
}

void Announcements::taken(Errc code) noexcept {
    sent_ = false;
    const bool again = code == Errc::unavailable || code == Errc::overloaded;
    if (again) return core_.timers().arm(*this, core_.now() + pause);
    if (code != Errc::ok) log_error("backend", "other gateways are not told", {{"what", present_->what}, {"because", make_error_code(code).message()}});
    present_.reset();
    go_on();
}

void Announcements::expired(TimePoint) noexcept { go_on(); }

/// A loop: a backend may take one after the other at once.
void Announcements::go_on() noexcept {
    if (std::exchange(going_on_, true)) return;
    while (there_ && !sent_ && !armed() && choose()) {
        sent_ = true;
        send_(*present_);
    }
    going_on_ = false;
}

bool Announcements::choose() noexcept {
    if (present_ && present_->until <= core_.now()) present_.reset();
    while (!present_ && !waiting_.empty()) {
        Announcement next = waiting_.pop_front();
        if (next.until > core_.now()) present_ = std::move(next);
    }
    return present_.has_value();
}

}  // namespace junctor
