#include "policy/rejudgement.hpp"

#include "core/session/session_table.hpp"

namespace junctor {
namespace {

constexpr Duration soon = TimerWheel::tick;
constexpr Duration later = std::chrono::milliseconds(100);

}  // namespace

void Rejudgement::begin() noexcept {
    slot_ = 0;
    core_.timers().arm(*this, core_.now() + soon);
}

void Rejudgement::expired(TimePoint now) noexcept {
    const SessionTable& sessions = core_.sessions();
    for (std::size_t asked = 0; asked < share && slot_ < sessions.slot_count();)
        if (Session* const session = sessions.at(slot_++)) asked += parts_.review(*session);
    if (slot_ < sessions.slot_count()) return core_.timers().arm(*this, now + soon);
    if (!parts_.unsettled()) return;
    slot_ = 0;
    core_.timers().arm(*this, now + later);
}

}  // namespace junctor
