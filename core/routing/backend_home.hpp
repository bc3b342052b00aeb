#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/ports/backend.hpp"
#include "core/ports/mailbox.hpp"
#include "core/runtime/core.hpp"

namespace junctor {

/// A remote backend on the one core where it lives (DESIGN 5.6), and what all cores ask of it: their publishes, by ticket, and the
/// filters that any of them wants, so that only 0 <-> 1 of the whole gateway crosses. What it brings goes to this core's router, which
/// hands it to the others.
class BackendHome final : private BackendSink {
public:
    using Interest = std::pair<TenantId, std::string>;  ///< a filter in canonical form

    BackendHome(Core& core, std::unique_ptr<Backend> remote) : core_(core), remote_(std::move(remote)), traits_(remote_->traits()) {}

    /// This core's router.
    void start(BackendSink& sink) noexcept { sink_ = &sink; }
    /// Begins to connect. What was wanted before was confirmed at once: nobody can have published anything.
    void launch(const BackendPlace& place);
    void stop() noexcept;

    void publish(CoreId from, const EnvelopePtr& envelope, BackendTicket ticket) noexcept;
    /// As `Backend::pass_on`.
    bool pass_on(CoreId from, const TopicFilter& group, const EnvelopePtr& envelope, BackendTicket ticket) noexcept;
    void subscribe(CoreId from, const TopicFilter& filter) noexcept;
    void unsubscribe(CoreId from, const TopicFilter& filter) noexcept;
    void stored(Token receipt) noexcept { remote_->stored(receipt); }
    void recall() noexcept { remote_->recall(); }
    /// The other side owes no receipt, and has heard of all that was given up.
    bool settled() const noexcept { return asked_.empty() && remote_->has_left(); }

private:
    struct Asked {
        CoreId core;
        BackendTicket ticket;
    };
    struct Wanted {
        TopicFilter filter;
        std::set<CoreId> cores;
        std::vector<CoreId> waiting;  ///< for its confirmation
        bool confirmed = false;
        bool asked = false;           ///< and not answered
    };

    // BackendSink, of the remote
    Delivered deliver(const EnvelopePtr& envelope) noexcept override { return sink_->deliver(envelope); }
    void arrived(Arrival&& arrival) noexcept override;
    void taken(std::span<const BackendReceipt> receipts) noexcept override;
    void subscribed(const TopicFilter& filter, std::string_view group, Errc code) noexcept override;
    void available(bool yes) noexcept override;
    HistoryRulesPtr history_rules() const noexcept override { return sink_->history_rules(); }
    void history_broken() noexcept override { sink_->history_broken(); }
    void past_told() noexcept override { sink_->past_told(); }

    Errc possible(const Envelope& envelope) const noexcept;
    void ask(Wanted& wanted) noexcept;
    void answer(CoreId to, const TopicFilter& filter, Errc code) noexcept;
    void give(const Asked& asked, const BackendReceipt& receipt) noexcept;
    void refuse_waiting() noexcept;

    Core& core_;
    std::unique_ptr<Backend> remote_;
    const BackendTraits traits_;
    BackendSink* sink_ = nullptr;
    bool launched_ = false;
    bool available_ = false;
    std::uint64_t last_number_ = 0;
    std::unordered_map<std::uint64_t, Asked> asked_;  ///< publishes without a receipt
    std::map<Interest, Wanted> wanted_;
    std::size_t unanswered_ = 0;                 ///< filters that are asked
    std::set<std::string, std::less<>> standing_;  ///< topics of the retained values that have come while there are any
};

}  // namespace junctor
