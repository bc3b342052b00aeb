#pragma once

#include <vector>

#include "core/observe/metrics.hpp"
#include "core/routing/match_entry.hpp"
#include "core/routing/receive_rule.hpp"

namespace junctor {

/// Hands one message to many sessions: encoded once per wire variant (DESIGN 5.3), nothing allocated. Sessions may leave from
/// within their own or another's `deliver`: they are skipped from then on.
class FanOut {
public:
    /// `rule`: who judges single deliveries; null: nobody.
    explicit FanOut(Metrics& metrics, ReceiveRule* rule = nullptr) noexcept : metrics_(metrics), rule_(rule) {}

    /// To all of `entry`. Returns how many took it.
    std::uint32_t deliver(const MatchEntry& entry, const EnvelopePtr& envelope) noexcept;

    /// To the first in turn that takes it; `refused` when nobody does.
    DeliverResult deliver_to_one(MatchEntry& entry, const EnvelopePtr& envelope) noexcept;

    /// To one session, outside of any match: addressed to it, replayed, or as a member of a group. `denied` where the rule says so.
    DeliverResult deliver_to(Session& session, const SubscribeOptions& options, const EnvelopePtr& envelope, bool retain,
                             const SharedGroup* group = nullptr) noexcept;

    /// What the rule has kept back until now. The encoding is made anew.
    DeliverResult give(Session& session, const Delivery& kept) noexcept;

    /// Every delivery runs between these two.
    void begin() noexcept { ++depth_; }
    void end() noexcept {
        if (--depth_ != 0) return;
        departed_.clear();
        passed_over_.clear();
    }
    bool busy() const noexcept { return depth_ > 0; }

    /// The session is going: nobody calls it again, although matches under way still name it.
    void departed(const Session& session) {
        if (depth_ > 0) departed_.push_back(&session);
    }

    /// The session does not get what this turn delivers.
    void pass_over(const Session& session) { passed_over_.push_back(&session); }

private:
    struct Tally {
        Tally() = default;
        explicit Tally(DeliverResult result) noexcept { add(result); }
        void add(DeliverResult result) noexcept { ++(result == DeliverResult::refused ? refused : taken); }

        std::uint32_t taken = 0;
        std::uint32_t refused = 0;
    };

    const std::uint32_t* deliver_alike(std::span<const Destination> alike, const std::uint32_t* ids, const EnvelopePtr& envelope,
                                       Tally& tally) noexcept;
    bool skips(const Destination& destination, const Envelope& envelope) const noexcept;
    ReceiveRule::Sifted sift(Session& session, const Delivery& delivery) noexcept;
    void count(const Tally& tally) noexcept;

    Metrics& metrics_;
    ReceiveRule* const rule_;
    std::uint32_t depth_ = 0;
    std::vector<const Session*> departed_;
    std::vector<const Session*> passed_over_;
};

}  // namespace junctor
