#include "core/bridging/bridge.hpp"

#include <algorithm>

#include "core/bridging/bridge_metrics.hpp"
#include "core/model/hop_path.hpp"
#include "core/observe/log.hpp"

namespace junctor {
namespace {

constexpr Duration retry_delay = std::chrono::seconds(1);

const BridgeRule* rule_for(const std::vector<BridgeRule>& rules, const Topic& topic) noexcept {
    const auto found = std::ranges::find_if(rules, [&](const BridgeRule& rule) { return rule.filter.matches(topic); });
    return found == rules.end() ? nullptr : &*found;
}

std::string_view hops_of(const Extras* extras) noexcept { return extras ? std::string_view(extras->hops) : std::string_view(); }

/// It may do better later.
bool temporary(Errc code) noexcept {
    return code == Errc::unavailable || code == Errc::overloaded || code == Errc::quota_exceeded || code == Errc::shutting_down;
}

}  // namespace

Bridge::Bridge(Core& core, Terms terms, std::unique_ptr<Backend> remote)
    : core_(core),
      terms_(std::move(terms)),
      session_name_(session_name(terms_.name)),
      variant_{new_wire_family(), 0},
      remote_(std::move(remote)),
      traits_(remote_->traits()) {
    set_principal(PrincipalRef(new Principal(TenantId{}, session_name_)));
}

Bridge::~Bridge() {
    remote_->stop();
    if (open_) core_.gate().close(*this, CloseReason::server_shutdown);
}

Result<void> Bridge::open(const std::function<void(std::function<void()>)>& post, Outbound* outbound) noexcept {
    const Result<Opened> opened = core_.gate().open(*this, {Duration::max(), false});
    if (!opened) return opened.error();
    open_ = true;
    subscribe_here();
    remote_->start(*this, {core_, terms_.gateway, terms_.lasting, post, outbound, terms_.name});
    return {};
}

void Bridge::subscribe_here() noexcept {
    std::vector<SubscribeRequest> requests;
    for (const BridgeRule& rule : terms_.out) {
        SubscribeOptions options;
        options.max_qos = std::min(rule.max_qos, Qos::at_least_once);
        options.no_local = true;
        options.retain_as_published = true;
        options.retain_handling = RetainHandling::send_if_new;
        requests.push_back({rule.filter, options});
    }
    if (!requests.empty()) core_.gate().subscribe(*this, requests, {});
}

void Bridge::close(CloseReason reason, std::string_view text) noexcept {
    log_warning("bridge", "a bridge is closed", {{"name", terms_.name}, {"because", std::string(text)}});
    if (std::exchange(open_, false)) core_.gate().close(*this, reason);
    remote_->stop();
    available_ = false;
}

/// The message as it is to be on the other side; null where it is not to go there.
EnvelopePtr Bridge::outgoing(const Delivery& delivery) const {
    const Envelope& envelope = *delivery.envelope;
    const BridgeRule* rule = rule_for(terms_.out, envelope.topic());
    const std::optional<std::string> topic = rule ? rule->rewrite(envelope.topic()) : std::nullopt;
    if (!topic) return nullptr;
    if (crossed(hops_of(envelope.extras()), terms_.peer)) {
        core_.metrics().add(bridge_metrics().looped);
        return nullptr;
    }
    Draft draft;
    draft.topic = *Topic::parse(envelope.topic().tenant(), *topic);
    draft.payload = envelope.payload();
    draft.qos = std::min({delivery.qos, rule->max_qos, traits_.max_qos});
    draft.retain = delivery.retain && traits_.retained;
    if (envelope.expires()) draft.ttl = envelope.expires_at() - envelope.published_at();
    if (envelope.extras()) draft.extras = std::make_unique<Extras>(*envelope.extras());
    return Envelope::make(std::move(draft), {envelope.id(), {}, envelope.publisher(), envelope.published_at()});
}

DeliverResult Bridge::deliver(const Delivery& delivery) noexcept {
    const EnvelopePtr envelope = outgoing(delivery);
    if (!envelope || envelope->payload().size() > traits_.max_payload) {
        if (envelope) core_.metrics().add(bridge_metrics().refused);
        done(delivery.sequence);
        return DeliverResult::queued;
    }
    if (delivery.sequence == 0 && !accepts(delivery.qos)) return DeliverResult::dropped_oldest;
    under_way_.emplace(++last_number_, Outgoing{delivery.sequence, envelope});
    core_.metrics().add(bridge_metrics().out);
    remote_->publish(envelope, {{}, {last_number_}});
    return DeliverResult::queued;
}

void Bridge::taken(std::span<const BackendReceipt> receipts) noexcept {
    const bool was_full = !accepts(Qos::at_least_once);
    for (const BackendReceipt& each : receipts) {
        const auto at = under_way_.find(each.ticket.token.value);
        if (at == under_way_.end()) continue;
        if (temporary(each.code) && at->second.sequence != 0) {
            refused_.push_back(at->first);
            if (!armed()) core_.timers().arm(*this, core_.now() + retry_delay);
            continue;
        }
        if (each.code != Errc::ok) core_.metrics().add(bridge_metrics().refused);
        const std::uint64_t sequence = at->second.sequence;
        under_way_.erase(at);
        done(sequence);
    }
    if (was_full && open_ && accepts(Qos::at_least_once)) core_.gate().ready(*this);
}

void Bridge::expired(TimePoint) noexcept {
    std::vector<std::uint64_t> again = std::exchange(refused_, {});
    std::ranges::sort(again);
    for (const std::uint64_t number : again)
        if (const auto at = under_way_.find(number); at != under_way_.end()) remote_->publish(EnvelopePtr(at->second.envelope), {{}, {number}});
}

void Bridge::done(std::uint64_t sequence) noexcept {
    if (sequence != 0 && open_) core_.gate().acknowledge(*this, sequence, Progress::done);
}

void Bridge::available(bool yes) noexcept {
    if (std::exchange(available_, yes) == yes) return;
    core_.metrics().add(bridge_metrics().connected, yes ? 1 : -1);
    yes ? log_info("bridge", "the other side is there", {{"name", terms_.name}})
        : log_warning("bridge", "the other side is away: what goes there waits", {{"name", terms_.name}});
    if (!yes) return;
    for (const BridgeRule& rule : terms_.in) remote_->subscribe(rule.filter, {});
    if (open_) core_.gate().ready(*this);
}

void Bridge::subscribed(const TopicFilter& filter, std::string_view, Errc code) noexcept {
    if (code != Errc::ok)
        log_error("bridge", "the other side refuses a filter",
                  {{"name", terms_.name}, {"filter", filter.canonical()}, {"because", std::string(to_string(code))}});
}

/// Who has been here may not come again; who comes has crossed the other side.
bool Bridge::mark_hop(Draft& draft) const {
    const std::string_view path = hops_of(draft.extras.get());
    if (crossed(path, terms_.gateway)) return false;
    if (last_hop(path) == terms_.peer) return true;
    std::optional<std::string> longer = with_hop(path, terms_.peer);
    if (!longer) return false;
    if (!draft.extras) draft.extras = std::make_unique<Extras>();
    draft.extras->hops = std::move(*longer);
    return true;
}

/// Is that the retained value here already?
bool Bridge::known(const Topic& topic, Bytes payload) noexcept {
    bool same = payload.empty();
    const TopicFilter filter = TopicFilter::trusted(topic.tenant(), std::string(topic.text()));
    (void)core_.gate().retained(*this, filter, 1, [&](const EnvelopePtr& value) { same = std::ranges::equal(value->payload(), payload); });
    return same;
}

void Bridge::arrived(Arrival&& arrival) noexcept {
    const BridgeRule* rule = rule_for(terms_.in, arrival.draft.topic);
    const std::optional<std::string> topic = rule && open_ ? rule->rewrite(arrival.draft.topic) : std::nullopt;
    if (!topic) return let_go(arrival.receipt);
    if (!mark_hop(arrival.draft)) {
        core_.metrics().add(bridge_metrics().looped);
        return let_go(arrival.receipt);
    }
    Draft& draft = arrival.draft;
    draft.topic = *Topic::parse(arrival.draft.topic.tenant(), *topic);
    draft.qos = std::min(draft.qos, rule->max_qos);
    if (arrival.replayed && known(draft.topic, draft.payload)) return let_go(arrival.receipt);
    core_.metrics().add(bridge_metrics().in);
    const Token token{++last_number_};
    incoming_.emplace(token.value, arrival.receipt);
    core_.gate().publish(*this, std::move(draft), token);
}

/// What the gateway can never take is let go; what it may take later the other side keeps.
void Bridge::settled(Token token, const Receipt& receipt) noexcept {
    const auto at = incoming_.extract(token.value);
    if (!at) return;
    if (receipt.code != Errc::ok) core_.metrics().add(bridge_metrics().refused);
    if (!temporary(receipt.code)) let_go(at.mapped());
}

void Bridge::let_go(Token receipt) noexcept {
    if (receipt.value != 0) remote_->stored(receipt);
}

}  // namespace junctor
