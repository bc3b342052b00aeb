#include "core/routing/backend_home.hpp"

#include "core/observe/log.hpp"
#include "core/routing/routing_metrics.hpp"

namespace junctor {
namespace {

BackendHome::Interest key_of(const TopicFilter& filter) { return {filter.tenant(), filter.canonical()}; }

}  // namespace

void BackendHome::launch(const BackendPlace& place) {
    launched_ = true;
    remote_->start(*this, place);
}

void BackendHome::stop() noexcept {
    if (std::exchange(launched_, false)) remote_->stop();
}

/// What the traits rule out is refused here, so that nothing is lowered in silence.
Errc BackendHome::possible(const Envelope& envelope) const noexcept {
    if (!available_) return Errc::unavailable;
    if (envelope.payload().size() > traits_.max_payload) return Errc::too_large;
    if (envelope.qos() > traits_.max_qos || (envelope.retain() && !traits_.retained)) return Errc::unsupported;
    return Errc::ok;
}

void BackendHome::publish(CoreId from, const EnvelopePtr& envelope, BackendTicket ticket) noexcept {
    const Errc code = possible(*envelope);
    if (code != Errc::ok) return give({from, ticket}, {ticket, code});
    asked_.emplace(++last_number_, Asked{from, ticket});
    remote_->publish(envelope, {{}, {last_number_}});
}

bool BackendHome::pass_on(CoreId from, const TopicFilter& group, const EnvelopePtr& envelope, BackendTicket ticket) noexcept {
    if (!launched_ || !remote_->pass_on(group, envelope, {{}, {++last_number_}})) return false;
    asked_.emplace(last_number_, Asked{from, ticket});
    return true;
}

void BackendHome::taken(std::span<const BackendReceipt> receipts) noexcept {
    for (const BackendReceipt& each : receipts)
        if (const auto asked = asked_.extract(each.ticket.token.value)) give(asked.mapped(), each);
}

void BackendHome::give(const Asked& asked, const BackendReceipt& receipt) noexcept {
    if (asked.core == core_.id()) {
        const BackendReceipt own{asked.ticket, receipt.code, receipt.matches};
        return sink_->taken({&own, 1});
    }
    if (asked.ticket.token.value == 0) return;
    Mail mail;
    mail.what = Mail::What::backend_taken;
    mail.code = receipt.code;
    mail.from = core_.id();
    mail.count = receipt.matches;
    mail.session = asked.ticket.session;
    mail.token = asked.ticket.token;
    core_.mailbox().post(asked.core, std::move(mail));
}

void BackendHome::subscribe(CoreId from, const TopicFilter& filter) noexcept {
    if ((filter.shared() && !traits_.shared_groups) || (filter.has_wildcard() && !traits_.wildcards))
        return answer(from, filter, Errc::unsupported);
    const auto [at, fresh] = wanted_.try_emplace(key_of(filter));
    if (fresh && launched_ && !available_) {
        wanted_.erase(at);
        return answer(from, filter, Errc::unavailable);
    }
    Wanted& wanted = at->second;
    if (fresh) wanted.filter = filter;
    if (!launched_) wanted.confirmed = true;
    wanted.cores.insert(from);
    if (wanted.confirmed) return answer(from, filter, Errc::ok);
    wanted.waiting.push_back(from);
    if (fresh) ask(wanted);
}

void BackendHome::ask(Wanted& wanted) noexcept {
    if (!std::exchange(wanted.asked, true)) ++unanswered_;
    const TopicFilter filter = wanted.filter;  // the answer may come at once, and be no
    remote_->subscribe(filter, filter.group());
}

void BackendHome::subscribed(const TopicFilter& filter, std::string_view, Errc code) noexcept {
    const auto at = wanted_.find(key_of(filter));
    if (at == wanted_.end() || !std::exchange(at->second.asked, false)) return;
    if (code == Errc::ok && traits_.retained && !filter.shared()) sink_->retained_are(filter, standing_);
    if (--unanswered_ == 0) standing_.clear();
    const std::vector<CoreId> waiting = std::exchange(at->second.waiting, {});
    if (code == Errc::ok) {
        at->second.confirmed = true;
    } else if (at->second.confirmed) {
        log_error("backend", "the backend does not give back what it gave before",
                  {{"filter", filter.canonical()}, {"because", std::string(to_string(code))}});
    } else {
        wanted_.erase(at);
    }
    for (const CoreId core : waiting) answer(core, filter, code);
}

void BackendHome::answer(CoreId to, const TopicFilter& filter, Errc code) noexcept {
    if (to == core_.id()) return sink_->subscribed(filter, filter.group(), code);
    Mail mail;
    mail.what = Mail::What::backend_confirmed;
    mail.code = code;
    mail.from = core_.id();
    mail.tenant = filter.tenant();
    mail.text = std::make_unique<std::string>(filter.canonical());
    core_.mailbox().post(to, std::move(mail));
}

void BackendHome::unsubscribe(CoreId from, const TopicFilter& filter) noexcept {
    const auto at = wanted_.find(key_of(filter));
    if (at == wanted_.end() || at->second.cores.erase(from) == 0 || !at->second.cores.empty()) return;
    if (at->second.asked && --unanswered_ == 0) standing_.clear();
    wanted_.erase(at);
    if (available_) remote_->unsubscribe(filter, filter.group());
}

void BackendHome::arrived(Arrival&& arrival) noexcept {
    if (unanswered_ != 0 && arrival.draft.retain && !arrival.past) {
        arrival.draft.payload.empty() ? static_cast<void>(standing_.erase(std::string(arrival.draft.topic.text())))
                                      : static_cast<void>(standing_.emplace(arrival.draft.topic.text()));
    }
    sink_->arrived(std::move(arrival));
}

void BackendHome::available(bool yes) noexcept {
    if (std::exchange(available_, yes) == yes) return;
    core_.metrics().add(routing_metrics().backend_available, yes ? 1 : -1);
    yes ? log_info("backend", "the backend is there") : log_warning("backend", "the backend is away: publishers hear of it");
    for (std::uint16_t other = 0; other < core_.count(); ++other) {
        Mail mail;
        mail.what = Mail::What::backend_state;
        mail.from = core_.id();
        mail.count = yes ? 1 : 0;
        if (other != core_.id().value) core_.mailbox().post({other}, std::move(mail));
    }
    sink_->available(yes);
    if (!yes) return refuse_waiting();
    std::vector<Interest> all;
    for (const auto& [key, wanted] : wanted_) all.push_back(key);
    for (const Interest& each : all)
        if (const auto at = wanted_.find(each); at != wanted_.end()) ask(at->second);
}

/// Who has just subscribed hears that it did not work; who has subscribed before keeps it, for the time when the backend is back.
void BackendHome::refuse_waiting() noexcept {
    unanswered_ = 0;
    standing_.clear();
    std::vector<std::pair<CoreId, TopicFilter>> refused;
    for (auto at = wanted_.begin(); at != wanted_.end();) {
        Wanted& wanted = at->second;
        wanted.asked = false;
        for (const CoreId core : wanted.waiting) refused.emplace_back(core, wanted.filter);
        wanted.waiting.clear();
        at = wanted.confirmed ? std::next(at) : wanted_.erase(at);
    }
    for (const auto& [core, filter] : refused) answer(core, filter, Errc::unavailable);
}

}  // namespace junctor
