#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "core/model/principal.hpp"
#include "core/runtime/core.hpp"
#include "core/runtime/timer_wheel.hpp"

namespace junctor {

class Session;

/// After a revocation: looks at every session of one core and ends those that it is about. Some at a time, about every millisecond, so that
/// traffic goes on; what is revoked meanwhile is looked at together, behind that.
class RevocationSweep final : private Timer {
public:
    /// Sessions that are looked at in one go.
    static constexpr std::size_t share = 20'000;

    /// Somebody all of whose sessions end, however they came in.
    using Whom = std::pair<TenantId, std::string>;
    /// Whether what somebody showed is revoked.
    using Covered = std::function<bool(const Principal&)>;

    RevocationSweep(Core& core, Covered covered) : core_(core), covered_(std::move(covered)) {}

    /// Everybody is looked at once more; of `whom`, where it is given, nobody stays.
    void begin(const std::optional<Whom>& whom);

private:
    void expired(TimePoint now) noexcept override;
    bool ends(const Session& session) const;

    Core& core_;
    const Covered covered_;
    std::uint32_t slot_ = 0;
    std::set<Whom> whose_;  ///< in the pass under way
    std::set<Whom> next_;   ///< in the one after it
    bool again_ = false;       ///< there is to be one
};

}  // namespace junctor
