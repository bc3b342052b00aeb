// What the gateway wants of the broker, and what the broker brings.

#include <algorithm>
#include <charconv>

#include "connectors/mqtt/backend.hpp"
#include "connectors/mqtt/lasting_hash.hpp"
#include "core/observe/log.hpp"

namespace junctor::mqtt {

namespace {

/// Identifiers of subscriptions stay below the largest that MQTT knows; the first ones are for the gateways' own.
constexpr std::uint32_t first_id = 16;
constexpr std::uint32_t id_count = 134'000'000;
/// So many groups that have no members here any more are known when something still comes for one.
constexpr std::size_t groups_remembered = 1'000;
/// Under it comes what the broker says of filters by which messages are passed on; behind those of the control filters.
constexpr std::uint32_t passing_answer = 8;

constexpr bool of_group(std::uint32_t id) noexcept { return id % 2 != 0; }

}  // namespace

/// The same after a restart, so that what the broker has kept for a group is known to be its; one more where that is taken.
std::uint32_t MqttBackend::new_id(const TopicFilter& filter) const noexcept {
    const bool shared = filter.shared();
    const std::string canonical = std::to_string(filter.tenant().value) + '/' + filter.canonical();
    auto id = static_cast<std::uint32_t>(first_id + 2 * (lasting_hash(canonical) % (id_count - first_id)) + (shared ? 1 : 0));
    const auto taken = [&](std::uint32_t by) {
        const auto leaving = leaving_.find(by);
        return subscriptions_.contains(by) || (leaving != leaving_.end() && filter != leaving->second.filter);
    };
    while (taken(id)) id = id + 2 < 2 * id_count ? id + 2 : first_id + (shared ? 1 : 0);
    return id;
}

void MqttBackend::subscribe(const TopicFilter& filter, std::string_view group) noexcept {
    std::optional<std::string> wire = topics_.to_wire(filter);
    if (!wire) return sink_->subscribed(filter, group, Errc::denied);
    std::uint32_t& id = ids_[{filter.tenant(), filter.canonical()}];
    if (id == 0) {
        id = new_id(filter);
        const bool passes = filter.shared() && settings_.v5 && joins_;
        subscriptions_.emplace(id, Subscription{filter, *wire, passes ? topics_.passing_filter(filter) : std::string()});
    }
    Subscription& subscription = subscriptions_.at(id);
    subscription.stage = Stage::asked;
    if (settings_.v5 && !filter.shared()) unconfirmed_.insert(id);
    if (!subscription.passing.empty()) line_->subscribe(subscription.passing, id, passing_answer);
    line_->subscribe(*wire, id, id);
}

void MqttBackend::unsubscribe(const TopicFilter& filter, std::string_view) noexcept {
    const auto known = ids_.extract({filter.tenant(), filter.canonical()});
    if (!known) return;
    const auto at = subscriptions_.find(known.mapped());
    Leaving& leaving = leaving_[at->first];
    leaving.filter = filter;
    leaving.wire = std::move(at->second.wire);
    leaving.passing = std::move(at->second.passing);
    leaving.left = false;
    if (up_) leave(at->first, leaving);
    unconfirmed_.erase(at->first);
    subscriptions_.erase(at);
}

/// First what is passed on: what this gateway passes on behind that does not come back to it.
void MqttBackend::leave(std::uint32_t id, Leaving& leaving) noexcept {
    ++leaving.unanswered;
    if (!leaving.passing.empty()) line_->unsubscribe(leaving.passing, passing_answer);
    line_->unsubscribe(leaving.wire, id);
}

/// The line is new: what was given up while there was none, or just before it broke.
void MqttBackend::leave_all() noexcept {
    std::erase_if(leaving_, [&](const auto& each) { return subscriptions_.contains(each.first); });
    for (auto& [id, leaving] : leaving_) {
        leaving.unanswered = 0;
        if (!leaving.left) leave(id, leaving);
    }
}

void MqttBackend::filter_left(std::uint32_t id) noexcept {
    const auto at = leaving_.find(id);
    if (at == leaving_.end() || at->second.unanswered == 0 || --at->second.unanswered != 0) return;
    at->second.left = true;
    if (!of_group(id)) return static_cast<void>(leaving_.erase(at));
    left_.push_back(id);
    if (left_.size() > groups_remembered) forget_oldest_group();
}

/// What counts as taken when it is passed on has gone, too. Without a line nothing comes.
bool MqttBackend::has_left() const noexcept {
    return outgoing_.empty() && (!up_ || std::ranges::all_of(leaving_, [](const auto& each) { return each.second.left; }));
}

/// It may have come back, and may be leaving once more.
void MqttBackend::forget_oldest_group() noexcept {
    const auto at = leaving_.find(left_.front());
    left_.pop_front();
    if (at != leaving_.end() && at->second.left && std::ranges::find(left_, at->first) == left_.end()) leaving_.erase(at);
}

void MqttBackend::filter_taken(std::uint32_t id, Errc code) noexcept {
    if (id == passing_answer) return passing_taken(code);
    if (id < first_id) return control_taken(code);
    const auto at = subscriptions_.find(id);
    if (at == subscriptions_.end() || at->second.stage != Stage::asked) return;
    Subscription& subscription = at->second;
    const TopicFilter filter = subscription.filter;
    if (code != Errc::ok) {
        unconfirmed_.erase(id);
        ids_.erase({filter.tenant(), filter.canonical()});
        subscriptions_.erase(at);
        return sink_->subscribed(filter, filter.group(), code);
    }
    if (!joins_ || !unconfirmed_.contains(id)) {  // a bridge asks for no end of what is replayed: it has no mark to send
        unconfirmed_.erase(id);
        subscription.stage = Stage::confirmed;
        return sink_->subscribed(filter, filter.group(), Errc::ok);
    }
    subscription.stage = Stage::waits_for_mark;
    subscription.mark = last_mark_ + 1;
    if (!mark_under_way_) send_mark();
}

/// The broker does not say when the last retained value has come. A message to this gateway itself, sent when the subscription stands,
/// comes behind them.
void MqttBackend::send_mark() noexcept {
    const std::string number = std::to_string(++last_mark_);
    mark_under_way_ = up_;
    if (up_) line_->publish(::mqtt::message::create(mark_topic_, number.data(), number.size(), 1, false), mark_number);
}

void MqttBackend::mark_arrived(std::string_view payload) noexcept {
    std::uint64_t mark = 0;
    std::from_chars(payload.data(), payload.data() + payload.size(), mark);
    if (mark_under_way_ && mark == last_mark_) confirm_up_to(mark);
}

/// Where the broker does not take it, retained values may come late.
void MqttBackend::mark_taken(Errc code) noexcept {
    if (code == Errc::ok || !mark_under_way_) return;
    log_error("mqtt", "the broker refuses a gateway's message to itself", {{"topic", mark_topic_}, {"because", std::string(to_string(code))}});
    confirm_up_to(last_mark_);
}

void MqttBackend::confirm_up_to(std::uint64_t mark) noexcept {
    mark_under_way_ = false;
    bool more = false;
    std::vector<TopicFilter> confirmed;
    for (auto at = unconfirmed_.begin(); at != unconfirmed_.end();) {
        Subscription& subscription = subscriptions_.at(*at);
        const bool waits = subscription.stage == Stage::waits_for_mark;
        const bool done = waits && subscription.mark <= mark;
        more |= waits && !done;
        if (done) {
            subscription.stage = Stage::confirmed;
            confirmed.push_back(subscription.filter);
        }
        at = done ? unconfirmed_.erase(at) : std::next(at);
    }
    if (more) send_mark();
    for (const TopicFilter& each : confirmed) sink_->subscribed(each, {}, Errc::ok);
}

/// The broker hears of it when all that it brings is stored; what brings nothing is.
void MqttBackend::message_arrived(const ::mqtt::message& message, std::uint64_t number) noexcept {
    arrival_ = number;
    unstored_ = 1;
    route(message);
    stored({number});
}

void MqttBackend::stored(Token receipt) noexcept {
    if (receipt.value != 0 && receipt.value == arrival_ && --unstored_ == 0) line_->stored(std::exchange(arrival_, 0));
}

void MqttBackend::bring(Arrival&& arrival) noexcept {
    if (arrival_ != 0 && arrival.draft.qos != Qos::at_most_once) {
        arrival.receipt = {arrival_};
        ++unstored_;
    }
    sink_->arrived(std::move(arrival));
}

void MqttBackend::route(const ::mqtt::message& message) noexcept {
    if (message.get_topic() == mark_topic_) return mark_arrived(message.get_payload_str());
    std::optional<FromBroker> from = from_message(message, topics_, identity_);
    if (!from) return;
    std::vector<std::uint32_t> plain;
    for (const std::uint32_t id : from->subscriptions) of_group(id) ? deliver_to_group(*from, id) : plain.push_back(id);
    if (from->draft.passes != 0 || (plain.empty() && !from->subscriptions.empty())) return;
    const bool copy = copies_.is_copy(message.get_topic(), message.get_payload_str(), message.get_qos(), message.is_retained(), plain);
    if (!copy) deliver(std::move(*from));
}

const TopicFilter* MqttBackend::group_of(std::uint32_t id) const noexcept {
    if (const auto at = subscriptions_.find(id); at != subscriptions_.end()) return &at->second.filter;
    const auto at = leaving_.find(id);
    return at == leaving_.end() ? nullptr : &at->second.filter;
}

void MqttBackend::deliver_to_group(const FromBroker& from, std::uint32_t id) noexcept {
    const TopicFilter* const known = group_of(id);
    if (!known || (from.draft.passes != 0 && !known->matches(from.draft.topic))) return;
    const TopicFilter group = *known;  // it may go meanwhile
    Arrival arrival;
    arrival.draft.topic = from.draft.topic;
    arrival.draft.payload = from.draft.payload;
    arrival.draft.qos = from.draft.qos;
    arrival.draft.ttl = from.draft.ttl;
    arrival.draft.passes = from.draft.passes;
    if (from.draft.extras) arrival.draft.extras = std::make_unique<Extras>(*from.draft.extras);
    arrival.origin = from.origin;
    arrival.group = &group;
    bring(std::move(arrival));
}

/// Of a filter that has just been subscribed to. With very many of them a look at each would cost more than it tells.
bool MqttBackend::may_be_replayed(const Topic& topic) const noexcept {
    constexpr std::size_t few = 64;
    if (unconfirmed_.size() > few) return true;
    return std::ranges::any_of(unconfirmed_, [&](std::uint32_t id) { return subscriptions_.at(id).filter.matches(topic); });
}

void MqttBackend::deliver(FromBroker&& from) noexcept {
    Arrival arrival;
    arrival.replayed = from.draft.retain && may_be_replayed(from.draft.topic);
    arrival.draft = std::move(from.draft);
    arrival.origin = from.origin;
    bring(std::move(arrival));
}

}  // namespace junctor::mqtt
