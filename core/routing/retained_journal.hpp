#pragma once

#include <functional>
#include <set>
#include <string>

#include "core/model/envelope.hpp"
#include "core/runtime/core.hpp"
#include "core/runtime/timer_wheel.hpp"
#include "core/store/journal.hpp"

namespace junctor {

/// Writes retained values down: those of the topics whose keeper this core is, `hash(topic) % cores`, so that each is written once and in
/// the order in which they win. While the store takes nothing, it notes which topics have changed, and writes their values later.
class RetainedJournal final : private Timer {
public:
    /// The value that stands for a topic now; null: none.
    using Current = std::function<EnvelopePtr(const Topic& topic)>;

    RetainedJournal(Core& core, Current current) noexcept : core_(core), current_(std::move(current)) {}

    /// Which core keeps the topic's value.
    CoreId keeper_of(const Topic& topic) const noexcept { return {static_cast<std::uint16_t>(topic.hash() % core_.count())}; }
    bool stores() const noexcept { return core_.journal().stores(); }

    /// The value is the one that stands now; an empty payload erases it. Nothing, unless this core keeps the topic.
    void write(const Envelope& value);
    void erase(const Topic& topic);

private:
    static constexpr Duration retry_interval = std::chrono::milliseconds(500);
    using Name = std::pair<TenantId, std::string>;

    /// What stands under `$` is the gateway's own and made anew by the next run.
    bool keeps(const Topic& topic) const noexcept { return stores() && !topic.reserved() && keeper_of(topic) == core_.id(); }
    void put(const Envelope& value);
    void note(const Topic& topic);
    void expired(TimePoint now) noexcept override;

    Core& core_;
    Current current_;
    std::set<Name> unwritten_;  ///< as many as there are topics, at most
};

}  // namespace junctor
