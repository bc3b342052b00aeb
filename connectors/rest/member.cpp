#include "connectors/rest/member.hpp"

#include "connectors/rest/desk.hpp"
#include "core/ports/gate.hpp"

namespace junctor::rest {

Member::Member(Desk& desk, PrincipalRef who) noexcept : desk_(desk) { set_principal(std::move(who)); }

Core& Member::core() const noexcept { return desk_.core(); }

Errc Member::open() noexcept {
    const Result<Opened> opened = core().gate().open(*this, {});
    opened_ = opened.has_value();
    return opened_ ? Errc::ok : errc_of(opened.error());
}

void Member::leave(CloseReason reason) noexcept {
    if (left_) return;
    left_ = true;
    if (opened_) core().gate().close(*this, reason);
    wake_in(Duration::zero());
}

void Member::wake_in(Duration delay) noexcept { core().timers().arm(*this, core().now() + delay); }

void Member::expired(TimePoint) noexcept { left_ ? desk_.remove(*this) : tick(); }

}  // namespace junctor::rest
