#pragma once

#include <memory>
#include <vector>

#include "core/model/history_page.hpp"
#include "core/model/history_rules.hpp"
#include "core/routing/kept_history.hpp"
#include "core/runtime/core.hpp"
#include "core/runtime/timer_wheel.hpp"

namespace junctor {

class StoredHistories;

/// The histories of which this core is the home, `hash(tenant, filter) % cores`, and the rules, which every core knows.
class Histories final : private Timer {
public:
    explicit Histories(Core& core) : core_(core), rules_(std::make_shared<const HistoryRules>()) {}
    ~Histories();

    /// Rules from now on. What was kept under a filter that is still among them stays, under its new bounds; what nobody keeps any more
    /// goes, from the store too. `stored`: at the start, what the store holds. `with_past`: those that begin are told what was before;
    /// answers whether any does (without a store, wherever it has its home).
    bool adopt(HistoryRulesPtr rules, StoredHistories* stored = nullptr, bool with_past = false);
    const HistoryRules& rules() const noexcept { return *rules_; }
    const HistoryRulesPtr& shared_rules() const noexcept { return rules_; }
    CoreId home_of(std::uint16_t rule) const noexcept { return homes_[rule - 1U]; }
    bool leads(std::uint16_t rule) const noexcept { return rule != 0 && home_of(rule) == core_.id(); }

    /// The message gets its place in the history of that rule, whose home is here; before anybody else sees it.
    void keep(std::uint16_t rule, const EnvelopePtr& envelope);
    /// The same of what was published before the history began, where it wants to know.
    void tell(std::uint16_t rule, const EnvelopePtr& envelope);
    /// That was all of it.
    void past_told();
    /// Every history begins anew, and is told the past.
    void start_over();
    /// Of a filter whose history is kept here; Resumption::none where it is not.
    HistoryPage read(const HistoryQuestion& question);

private:
    /// Changes a history, and counts how much more or less it holds then.
    template <class Change>
    void change(KeptHistory& history, Change&& what);
    std::unique_ptr<KeptHistory> take(const HistoryRule& rule);
    void discard(KeptHistory& history);
    void clear_store(const StoredHistories& stored) noexcept;
    void expired(TimePoint now) noexcept override;

    Core& core_;
    HistoryRulesPtr rules_;
    std::vector<CoreId> homes_;                        ///< of the rules, in their order
    std::vector<std::unique_ptr<KeptHistory>> kept_;   ///< likewise; null: elsewhere
};

}  // namespace junctor
