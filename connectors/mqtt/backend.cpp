#include "connectors/mqtt/backend.hpp"

#include <algorithm>

#include "core/base/random.hpp"
#include "core/observe/log.hpp"
#include "core/runtime/core.hpp"
#include "core/store/journal.hpp"

namespace junctor::mqtt {

namespace {

/// At most one attempt a second, and at most two seconds between a broker's return and the next.
constexpr Duration retry_delay = std::chrono::milliseconds(1'000);
constexpr std::uint64_t retry_jitter_ms = 700;

constexpr std::size_t largest_payload = 200'000'000;  ///< a packet holds 256 MB

constexpr std::array<std::string_view, 3> control_filters{"$inbox/", "$to/#", "$backbone/#"};

}  // namespace

MqttBackend::MqttBackend(BackendSettings settings) : settings_(std::move(settings)), topics_(settings_.control) {}

BackendTraits MqttBackend::traits() const noexcept {
    BackendTraits traits;
    traits.max_qos = Qos::exactly_once;
    traits.wildcards = traits.ordered = traits.durable = true;
    traits.retained = traits.shared_groups = traits.headers = settings_.v5;
    traits.max_payload = largest_payload;
    return traits;
}

void MqttBackend::start(BackendSink& sink, const BackendPlace& place) {
    sink_ = &sink;
    core_ = &place.core;
    post_ = place.post;
    identity_ = {place.gateway, settings_.v5};
    mark_topic_ = settings_.control + "/0/$inbox/" + place.gateway + "/mark";
    const Duration expiry = place.lasting ? settings_.session_expiry : std::min<Duration>(settings_.session_expiry, std::chrono::minutes(5));
    joins_ = place.bridge.empty();
    const std::string own_id = "junctor-" + place.gateway + (joins_ ? "" : '-' + place.bridge);
    const std::string client_id = settings_.client_id.empty() ? own_id : settings_.client_id;
    line_ = std::make_unique<BrokerLine>(BrokerLine::Terms{settings_, client_id, expiry, place.lasting,
                                                           settings_.acknowledge_stored && place.core.journal().stores()},
                                         static_cast<BrokerLine::Owner&>(*this),
                                         place.post);
    line_->connect();
}

void MqttBackend::stop() noexcept {
    if (core_) core_->timers().cancel(*this);
    line_.reset();
    arrival_ = 0;
    up_ = false;
}

void MqttBackend::expired(TimePoint) noexcept { line_->connect(); }

void MqttBackend::retry_later() {
    const Duration jitter = std::chrono::milliseconds(core_->random().next() % retry_jitter_ms);
    core_->timers().arm(*this, core_->now() + retry_delay + jitter);
}

void MqttBackend::line_up() noexcept {
    log_info("mqtt", "connected to the broker", {{"server", settings_.server}});
    up_ = true;
    outage_.over();
    copies_.reset();
    mark_under_way_ = false;
    leave_all();
    if (joins_) {
        subscribe_controls();
    } else {
        sink_->available(true);
    }
    send_waiting();
}

void MqttBackend::subscribe_controls() noexcept {
    controls_missing_ = control_filters.size();
    std::uint32_t id = 0;
    for (const std::string_view each : control_filters) {
        const bool own_inbox = each == control_filters[0];
        id += 2;
        line_->subscribe(topics_.any_tenant(own_inbox ? std::string(each) + identity_.gateway + "/#" : std::string(each)), id, id);
    }
}

void MqttBackend::control_taken(Errc code) noexcept {
    if (code != Errc::ok)
        log_error("mqtt", "the broker refuses the gateways' own topics: allow it what is below the control level",
                  {{"level", settings_.control}, {"because", std::string(to_string(code))}});
    if (controls_missing_ != 0 && --controls_missing_ == 0) sink_->available(true);
}

void MqttBackend::line_down(const std::string& why) noexcept {
    if (std::exchange(up_, false)) {
        log_warning("mqtt", "the line to the broker is broken", {{"server", settings_.server}, {"because", why}});
    } else if (outage_.is_news(why)) {
        log_warning("mqtt", "no connection to the broker, tried again until there is one", {{"server", settings_.server}, {"because", why}});
    } else {
        log_debug("mqtt", "no connection to the broker", {{"server", settings_.server}, {"because", why}});
    }
    window_ = 1;
    unconfirmed_.clear();
    for (auto& [id, subscription] : subscriptions_) subscription.stage = Stage::asked;
    sink_->available(false);
    if (!armed()) retry_later();
}

void MqttBackend::publish(const EnvelopePtr& envelope, BackendTicket ticket) noexcept {
    std::optional<std::string> topic = topics_.to_wire(envelope->topic());
    if (!topic) return receipt(ticket, Errc::denied, 0);
    ::mqtt::message_ptr message = to_message(*envelope, std::move(*topic), core_->now(), identity_);
    if (!message) return receipt(ticket, Errc::denied, 0);
    if (outgoing_.size() >= static_cast<std::size_t>(settings_.in_flight) + settings_.waiting) return receipt(ticket, Errc::overloaded, 0);
    enqueue(std::move(message), ticket);
}

void MqttBackend::enqueue(::mqtt::const_message_ptr message, BackendTicket ticket) noexcept {
    outgoing_.push_back({++last_number_, std::move(message), ticket});
    send_waiting();
}

void MqttBackend::send(Outgoing& outgoing) noexcept {
    line_->publish(outgoing.message, outgoing.number);
    outgoing.sent = true;
    ++in_flight_;
}

/// One of them is for a mark.
void MqttBackend::takes_at_once(std::uint64_t most) noexcept {
    window_ = std::min<std::size_t>(std::max<std::uint64_t>(most, 2) - 1, static_cast<std::size_t>(settings_.in_flight));
    send_waiting();
}

/// What waits stands behind what is sent, except what Paho has given back.
void MqttBackend::send_waiting() noexcept {
    if (!up_) return;
    while (in_flight_ < window_ && in_flight_ < outgoing_.size()) {
        Outgoing& likely = outgoing_[in_flight_];
        const auto next = !likely.sent ? outgoing_.begin() + static_cast<std::ptrdiff_t>(in_flight_)
                                       : std::ranges::find(outgoing_, false, &Outgoing::sent);
        send(*next);
    }
}

void MqttBackend::receipt(BackendTicket ticket, Errc code, std::uint32_t matches) noexcept {
    const BackendReceipt receipt{ticket, code, matches};
    sink_->taken({&receipt, 1});
}

void MqttBackend::message_taken(std::uint64_t number, Errc code, bool nobody) noexcept {
    if (number == mark_number) return mark_taken(code);
    const auto at = std::ranges::lower_bound(outgoing_, number, {}, &Outgoing::number);
    if (at == outgoing_.end() || at->number != number) return;
    const BackendTicket ticket = at->ticket;
    in_flight_ -= at->sent;
    outgoing_.erase(at);
    receipt(ticket, code, nobody || code != Errc::ok ? 0 : 1);
    send_waiting();
}

void MqttBackend::message_returned(std::uint64_t number) noexcept {
    const auto at = std::ranges::lower_bound(outgoing_, number, {}, &Outgoing::number);
    if (at == outgoing_.end() || at->number != number || !std::exchange(at->sent, false)) return;
    --in_flight_;
    send_waiting();
}

}  // namespace junctor::mqtt
