#pragma once

#include <functional>
#include <string>

#include "core/runtime/core.hpp"
#include "core/runtime/timer_wheel.hpp"

namespace junctor {

class Session;

/// After the rules have changed: looks at every session of one core once more, those that sleep too, so that what is no longer allowed ends
/// without a reconnect. Some sessions at a time, about every millisecond, so that traffic goes on.
class Rejudgement final : private Timer {
public:
    /// What is looked at in one go, in questions to the policy.
    static constexpr std::size_t share = 2'000;

    struct Parts {
        /// Ends what the session may not have any more, perhaps the session; says how many questions that took.
        std::function<std::size_t(Session&)> review;
        /// Is anything under way that was judged before? Then all is looked at once more, later.
        std::function<bool()> unsettled;
    };

    Rejudgement(Core& core, Parts parts) : core_(core), parts_(std::move(parts)) {}

    /// From the first session on; also within a review.
    void begin() noexcept;
    bool under_way() const noexcept { return armed(); }

private:
    void expired(TimePoint now) noexcept override;

    Core& core_;
    Parts parts_;
    std::uint32_t slot_ = 0;
};

}  // namespace junctor
