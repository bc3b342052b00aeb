// Retained values for those whose subscription has been admitted.
#include <utility>

#include "connectors/zeromq/dropped.hpp"
#include "connectors/zeromq/prefix.hpp"
#include "connectors/zeromq/subscribe_door.hpp"

namespace junctor::zeromq {
namespace {

/// Retained values that one prefix brings at most.
constexpr std::size_t most_retained = 10'000;

}  // namespace

// Not while a verdict is awaited or others hold the door up: retained values can wait.
void SubscribeDoor::replay_retained() noexcept {
    if (newcomers_.empty() || asked_ || !outbox_.empty() || !shared_.empty() || retained_unknown_ > 0) return;
    if (core().now() < next_replay_) {
        if (!replay_timer_.armed()) core().timers().arm(replay_timer_, next_replay_);
        return;
    }
    if (retained_known_.empty() && !retained_known()) return;
    const std::vector<std::unique_ptr<VerdictWait>> until_replayed = std::move(retained_known_);
    next_replay_ = core().now() + replay_interval;
    const std::set<Newcomer> newcomers = std::exchange(newcomers_, {});
    const Newcomer* covering = nullptr;
    for (const Newcomer& newcomer : newcomers) {
        const bool same_user = covering && covering->subscriber == newcomer.subscriber;
        const bool own_topics = newcomer.prefix.starts_with('$') && covering && covering->prefix.empty();
        if (same_user && newcomer.prefix.starts_with(covering->prefix) && !own_topics) continue;
        if (!same_user || !newcomer.prefix.starts_with('$')) covering = &newcomer;
        if (newcomer.subscriber->open) replay(newcomer);
    }
}

/// Whether it is known of all values that are due, and of everybody whose sockets would get them, who may have them. If not, a turn follows.
bool SubscribeDoor::retained_known() noexcept {
    std::vector<std::unique_ptr<VerdictWait>> waits;
    const auto known = [this] {
        if (--retained_unknown_ == 0) wake();
    };
    retained_unknown_ = 1;  // until all have been asked
    for (const Newcomer& newcomer : newcomers_) {
        const Result<TopicFilter> filter = interest_of(newcomer.subscriber->principal()->tenant, newcomer.prefix);
        if (!filter) continue;
        for (const auto& each : subscribers_) {
            ++retained_unknown_;
            if (auto wait = core().gate().when_known(*each, Verb::subscribe, filter->text(), known)) waits.push_back(std::move(wait));
        }
    }
    retained_known_ = std::move(waits);
    return --retained_unknown_ == 0;
}

void SubscribeDoor::replay(const Newcomer& newcomer) noexcept {
    Subscriber& subscriber = *newcomer.subscriber;
    const Result<TopicFilter> filter = interest_of(subscriber.principal()->tenant, newcomer.prefix);
    if (!filter || !subscriber.prefixes.holds_filter(filter->text())) return;
    std::vector<EnvelopePtr> values;
    const auto found = core().gate().retained(subscriber, *filter, most_retained, [&](const EnvelopePtr& envelope) {
        if (envelope->topic_text().starts_with(newcomer.prefix)) values.push_back(envelope);
    });
    if (!found) return count_dropped(core().metrics(), static_cast<Errc>(found.error().value()));
    const Template nothing_encoded;
    for (const EnvelopePtr& value : values) {
        const auto may = [&](Subscriber& each) {
            if (&each == &subscriber) return true;
            const Result<TopicFilter> topic = TopicFilter::parse(each.principal()->tenant, value->topic_text());
            const auto seen = topic ? core().gate().retained(each, *topic, 1, [](const EnvelopePtr&) {}) : Errc::bad_filter;
            return seen && *seen > 0;
        };
        if (subscribers_.size() > 1) shut_out(value->topic_text(), may);
        outbox_.push({value, nothing_encoded, Qos::at_most_once, true, {}}, core().limits().outbound_queue, core().metrics());
    }
}

}  // namespace junctor::zeromq
