#include "core/routing/fan_out.hpp"

#include <algorithm>
#include <optional>

#include "core/ports/template.hpp"
#include "core/routing/routing_metrics.hpp"

namespace junctor {
namespace {

bool keeps_retain_flag(const Destination& destination, const Envelope& envelope) noexcept {
    return destination.retain_as_published && envelope.retain();
}

}  // namespace

bool FanOut::skips(const Destination& destination, const Envelope& envelope) const noexcept {
    if (!departed_.empty() && std::find(departed_.begin(), departed_.end(), destination.session) != departed_.end()) return true;
    if (destination.when == Destination::When::always) return false;
    const bool own = destination.session->id() == envelope.origin();
    return own == (destination.when == Destination::When::not_own);
}

std::uint32_t FanOut::deliver(const MatchEntry& entry, const EnvelopePtr& envelope) noexcept {
    std::optional<Template> encoded;
    WireVariant variant;
    std::uint32_t taken = 0;
    std::uint32_t refused = 0;
    const std::uint32_t* ids = entry.subscription_ids.data();
    for (const Destination& each : entry.destinations) {
        const std::span<const std::uint32_t> own_ids(ids, each.id_count);
        ids += each.id_count;
        if (skips(each, *envelope)) continue;
        if (!encoded || each.variant != variant) {
            encoded.emplace();
            variant = each.variant;
            each.session->encode(*envelope, variant, *encoded);
        }
        const DeliverResult result =
            each.session->deliver({envelope, *encoded, each.qos, keeps_retain_flag(each, *envelope), own_ids});
        ++(result == DeliverResult::refused ? refused : taken);
    }
    count(taken, refused);
    return taken;
}

bool FanOut::deliver_to_one(MatchEntry& entry, const EnvelopePtr& envelope) noexcept {
    const std::size_t members = entry.destinations.size();
    for (std::size_t tried = 0; tried < members; ++tried) {
        const Destination& each = entry.destinations[entry.next_member++ % members];
        if (skips(each, *envelope)) continue;
        Template encoded;
        each.session->encode(*envelope, each.variant, encoded);
        const DeliverResult result = each.session->deliver({envelope, encoded, each.qos, keeps_retain_flag(each, *envelope), {}});
        count(result != DeliverResult::refused, result == DeliverResult::refused);
        if (result != DeliverResult::refused) return true;
    }
    return false;
}

DeliverResult FanOut::deliver_to(Session& session, const SubscribeOptions& options, const EnvelopePtr& envelope, bool retain) noexcept {
    SubscribeOptions effective = options;
    effective.max_qos = std::min(options.max_qos, envelope->qos());
    const WireVariant variant = session.variant(effective);
    Template encoded;
    session.encode(*envelope, variant, encoded);
    const std::span<const std::uint32_t> ids(&options.subscription_id, options.subscription_id != 0 ? 1 : 0);
    const DeliverResult result = session.deliver({envelope, encoded, effective.max_qos, retain, ids});
    count(result != DeliverResult::refused, result == DeliverResult::refused);
    return result;
}

void FanOut::count(std::uint32_t taken, std::uint32_t refused) noexcept {
    const RoutingMetrics& metrics = routing_metrics();
    metrics_.add(metrics.delivered, taken);
    if (refused > 0) metrics_.add(metrics.dropped_refused, refused);
}

}  // namespace junctor
