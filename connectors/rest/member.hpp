#pragma once

#include "core/ports/session.hpp"
#include "core/runtime/core.hpp"
#include "core/runtime/timer_wheel.hpp"
#include "core/session/home_link.hpp"

namespace junctor::rest {

class Desk;

/// A session that a Desk owns. Ends by `leave`, is destroyed by the next turn of the timers: never within one of its own calls.
class Member : public Session, protected Timer {
public:
    Member(Desk& desk, PrincipalRef who) noexcept;
    ~Member() override = default;

    std::string_view protocol() const noexcept final { return "rest"; }

    bool has_left() const noexcept { return left_; }

protected:
    void leave(CloseReason reason) noexcept;
    /// A time set by `wake_in` has come.
    virtual void tick() noexcept {}
    void wake_in(Duration delay) noexcept;
    Core& core() const noexcept;
    HomeLink& link() noexcept { return link_; }

    Desk& desk_;

private:
    void expired(TimePoint now) noexcept final;

    HomeLink link_;
    bool left_ = false;
};

}  // namespace junctor::rest
