#include "core/routing/histories.hpp"

#include "core/observe/metrics.hpp"
#include "core/routing/stored_histories.hpp"

namespace junctor {
namespace {

constexpr Duration trim_interval = std::chrono::seconds(1);

/// Most messages that one page looks at: a question must not hold up a core.
constexpr std::size_t most_looked_at = 10'000;

struct HistoryMetrics {
    Gauge messages = gauge("junctor_history_messages", "Messages that histories keep");
    Gauge bytes = gauge("junctor_history_bytes", "Bytes that the messages of histories hold");
};

const HistoryMetrics& history_metrics() {
    static const HistoryMetrics metrics;
    return metrics;
}

HistoryOutcome outcome_of(const HistoryStream& stream, const HistoryStart& start) noexcept {
    switch (start.from) {
    case HistoryStart::From::now: return {Resumption::exact, stream.last()};
    case HistoryStart::From::first: return {Resumption::exact, stream.whole_after()};
    case HistoryStart::From::after: break;
    }
    if (stream.holds_all_after(start.position)) return {Resumption::exact, start.position};
    return {Resumption::gap, stream.whole_after()};
}

}  // namespace

Histories::~Histories() = default;

template <class Change>
void Histories::change(KeptHistory& history, Change&& what) {
    const auto messages = static_cast<std::int64_t>(history.stream().size());
    const auto bytes = static_cast<std::int64_t>(history.stream().bytes());
    what(history);
    core_.metrics().add(history_metrics().messages, static_cast<std::int64_t>(history.stream().size()) - messages);
    core_.metrics().add(history_metrics().bytes, static_cast<std::int64_t>(history.stream().bytes()) - bytes);
}

bool Histories::adopt(HistoryRulesPtr rules, StoredHistories* stored, bool with_past) {
    bool begins = with_past && !stored && !rules->empty();
    std::vector<std::unique_ptr<KeptHistory>> kept(rules->size());
    std::vector<CoreId> homes;
    for (std::uint16_t number = 1; number <= rules->size(); ++number) {
        const HistoryRule& rule = rules->rule(number);
        homes.push_back(core_.home_of(rule.filter.tenant(), rule.filter.text()));
        if (homes.back() != core_.id()) continue;
        std::unique_ptr<KeptHistory>& history = kept[number - 1U];
        history = take(rule);
        if (history) {
            change(*history, [&](KeptHistory& it) { it.change_bounds(rule.bounds, core_.now()); });
            continue;
        }
        history = std::make_unique<KeptHistory>(rule, core_.journal());
        change(*history, [&](KeptHistory& it) {
            if (stored) stored->restore(it, KeptHistory::store_id(rule));
            it.restored(core_.now(), core_.random().next(), with_past);
        });
        begins |= history->wants_past();
    }
    for (const std::unique_ptr<KeptHistory>& each : kept_)
        if (each) discard(*each);
    rules_ = std::move(rules);
    homes_ = std::move(homes);
    kept_ = std::move(kept);
    if (stored && core_.id() == CoreId{}) clear_store(*stored);
    if (!rules_->empty() && !armed()) core_.timers().arm(*this, core_.now() + trim_interval);
    return begins;
}

/// What is kept under the rule's filter so far; null: nothing.
std::unique_ptr<KeptHistory> Histories::take(const HistoryRule& rule) {
    for (std::unique_ptr<KeptHistory>& each : kept_)
        if (each && each->rule().filter == rule.filter) return std::move(each);
    return nullptr;
}

void Histories::discard(KeptHistory& history) {
    change(history, [&](KeptHistory& it) { it.change_bounds({}, core_.now()); });
    KeptHistory::erase(KeptHistory::store_id(history.rule()), core_.journal());
}

/// What stands there under no rule's id: the rules were others in an earlier run. Once for all cores.
void Histories::clear_store(const StoredHistories& stored) noexcept {
    for (const std::uint64_t id : stored.ids()) {
        bool known = false;
        for (std::uint16_t number = 1; number <= rules_->size(); ++number) known |= KeptHistory::store_id(rules_->rule(number)) == id;
        if (!known) KeptHistory::erase(id, core_.journal());
    }
}

void Histories::keep(std::uint16_t rule, const EnvelopePtr& envelope) {
    change(*kept_[rule - 1U], [&](KeptHistory& it) { it.keep(envelope, {core_.now(), core_.wall()}); });
}

void Histories::tell(std::uint16_t rule, const EnvelopePtr& envelope) {
    if (kept_[rule - 1U]->wants_past()) keep(rule, envelope);
}

void Histories::past_told() {
    for (const std::unique_ptr<KeptHistory>& each : kept_)
        if (each) each->past_told();
}

void Histories::start_over() {
    for (const std::unique_ptr<KeptHistory>& each : kept_)
        if (each) change(*each, [&](KeptHistory& it) { it.start_over(core_.random().next()); });
}

HistoryPage Histories::read(const HistoryQuestion& question) {
    HistoryPage page;
    const std::uint16_t rule = rules_->keeper_of(question.filter);
    page.outcome.how = Resumption::none;
    if (!leads(rule)) return page;
    KeptHistory& history = *kept_[rule - 1U];
    change(history, [&](KeptHistory& it) { it.trim(core_.now()); });
    const HistoryStream& stream = history.stream();
    page.outcome = outcome_of(stream, question.start);
    page.last = stream.last();
    std::size_t bytes = 0;
    const auto take_one = [&](const EnvelopePtr& envelope) {
        page.messages.push_back(envelope);
        bytes += envelope->footprint();
        return page.messages.size() < question.most_messages && bytes < question.most_bytes;
    };
    const std::size_t most = question.most_messages == HistoryQuestion::all ? HistoryQuestion::all : most_looked_at;
    page.next = {page.last.epoch, stream.read(page.outcome.after.offset, question.filter, core_.now(), take_one, most)};
    return page;
}

void Histories::expired(TimePoint now) noexcept {
    for (const std::unique_ptr<KeptHistory>& each : kept_)
        if (each) change(*each, [&](KeptHistory& it) { it.trim(now); });
    if (!rules_->empty()) core_.timers().arm(*this, now + trim_interval);
}

}  // namespace junctor
