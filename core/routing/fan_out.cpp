#include "core/routing/fan_out.hpp"

#include <algorithm>

#include "core/ports/template.hpp"
#include "core/routing/routing_metrics.hpp"

namespace junctor {

bool FanOut::skips(const Destination& destination, const Envelope& envelope) const noexcept {
    if (!departed_.empty() && std::find(departed_.begin(), departed_.end(), destination.session) != departed_.end()) return true;
    if (!passed_over_.empty() && std::find(passed_over_.begin(), passed_over_.end(), destination.session) != passed_over_.end()) return true;
    if (destination.when == Destination::When::always) [[likely]] return false;
    const bool own = destination.session->id() == envelope.origin();
    return own == (destination.when == Destination::When::not_own);
}

std::uint32_t FanOut::deliver(const MatchEntry& entry, const EnvelopePtr& envelope) noexcept {
    Tally tally;
    const std::span<const Destination> all(entry.destinations);
    const std::uint32_t* ids = entry.subscription_ids.data();
    for (std::size_t first = 0; first < all.size();) {
        std::size_t last = first + 1;
        while (last < all.size() && all[last].variant == all[first].variant) ++last;
        ids = deliver_alike(all.subspan(first, last - first), ids, envelope, tally);
        first = last;
    }
    count(tally);
    return tally.taken;
}

/// To destinations of one variant. Returns where the ids of those behind them begin.
const std::uint32_t* FanOut::deliver_alike(std::span<const Destination> alike, const std::uint32_t* ids, const EnvelopePtr& envelope,
                                           Tally& tally) noexcept {
    Template encoded;
    bool ready = false;
    // One delivery for all: writing the ids anew just before a session reads them stalls the processor (a sixth of a wide fan-out).
    Delivery delivery{envelope, encoded, Qos::at_most_once, false, {}};
    for (const Destination& each : alike) {
        const std::span<const std::uint32_t> own_ids(ids, each.id_count);
        ids += each.id_count;
        if (skips(each, *envelope)) continue;
        delivery.qos = each.qos;
        delivery.retain = each.retain_as_published && envelope->retain();
        if (!own_ids.empty() || !delivery.subscription_ids.empty()) delivery.subscription_ids = own_ids;
        if (each.sifted && sift(*each.session, delivery) != ReceiveRule::Sifted::give) continue;
        if (!ready) each.session->encode(*envelope, each.variant, encoded);
        ready = true;
        tally.add(each.session->deliver(delivery));
    }
    return ids;
}

DeliverResult FanOut::deliver_to_one(MatchEntry& entry, const EnvelopePtr& envelope) noexcept {
    const std::size_t members = entry.destinations.size();
    for (std::size_t tried = 0; tried < members; ++tried) {
        const Destination& each = entry.destinations[entry.next_member++ % members];
        if (skips(each, *envelope)) continue;
        Template encoded;
        const Delivery delivery{envelope, encoded, each.qos, each.retain_as_published && envelope->retain(), {}};
        const ReceiveRule::Sifted sifted = each.sifted ? sift(*each.session, delivery) : ReceiveRule::Sifted::give;
        if (sifted == ReceiveRule::Sifted::denied) continue;
        if (sifted == ReceiveRule::Sifted::kept) return DeliverResult::queued;
        each.session->encode(*envelope, each.variant, encoded);
        const DeliverResult result = each.session->deliver(delivery);
        count(Tally(result));
        if (result != DeliverResult::refused) return result;
    }
    return DeliverResult::refused;
}

DeliverResult FanOut::deliver_to(Session& session, const SubscribeOptions& options, const EnvelopePtr& envelope, bool retain,
                                 const SharedGroup* group) noexcept {
    SubscribeOptions effective = options;
    effective.max_qos = std::min(options.max_qos, envelope->qos());
    Template encoded;
    const std::span<const std::uint32_t> ids(&options.subscription_id, options.subscription_id != 0 ? 1 : 0);
    const Delivery delivery{envelope, encoded, effective.max_qos, retain, ids, 0, Repeat::no, group};
    if (rule_ && rule_->sifts()) [[unlikely]] {
        const ReceiveRule::Sifted sifted = rule_->sift(session, delivery);
        if (sifted != ReceiveRule::Sifted::give) return sifted == ReceiveRule::Sifted::kept ? DeliverResult::queued : DeliverResult::denied;
    }
    session.encode(*envelope, session.variant(effective), encoded);
    const DeliverResult result = session.deliver(delivery);
    count(Tally(result));
    return result;
}

DeliverResult FanOut::give(Session& session, const Delivery& kept) noexcept {
    SubscribeOptions options;
    options.max_qos = kept.qos;
    Template encoded;
    session.encode(*kept.envelope, session.variant(options), encoded);
    const DeliverResult result =
        session.deliver({kept.envelope, encoded, kept.qos, kept.retain, kept.subscription_ids, 0, Repeat::no, kept.group});
    count(Tally(result));
    return result;
}

/// Where the rules have changed since the match was worked out, nobody may sift any more.
ReceiveRule::Sifted FanOut::sift(Session& session, const Delivery& delivery) noexcept {
    return rule_ ? rule_->sift(session, delivery) : ReceiveRule::Sifted::give;
}

void FanOut::count(const Tally& tally) noexcept {
    const RoutingMetrics& metrics = routing_metrics();
    metrics_.add(metrics.delivered, tally.taken);
    if (tally.refused > 0) metrics_.add(metrics.dropped_refused, tally.refused);
}

}  // namespace junctor
