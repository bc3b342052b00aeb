#include "connectors/rest/member.hpp"

#include "connectors/rest/desk.hpp"
#include "core/ports/gate.hpp"

namespace junctor::rest {

Member::Member(Desk& desk, PrincipalRef who) noexcept : desk_(desk), link_(desk.core(), *this) { set_principal(std::move(who)); }

Core& Member::core() const noexcept { return desk_.core(); }

void Member::leave(CloseReason reason) noexcept {
    if (left_) return;
    left_ = true;
    link_.close(reason);
    wake_in(Duration::zero());
}

void Member::wake_in(Duration delay) noexcept { core().timers().arm(*this, core().now() + delay); }

void Member::expired(TimePoint) noexcept { left_ ? desk_.remove(*this) : tick(); }

}  // namespace junctor::rest
