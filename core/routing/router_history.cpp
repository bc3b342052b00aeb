// Messages on their way through the core that keeps their history, and what is asked of it.

#include <utility>

#include "core/routing/router.hpp"
#include "core/routing/routing_metrics.hpp"

namespace junctor {

/// With most remote backends what nobody here wants does not come here: a history would have holes, so there is none. A history that a
/// reload brings begins with what comes.
void Router::keep_histories(HistoryRulesPtr rules, StoredHistories* stored) {
    if (remote() && !backend_->traits().history) rules = std::make_shared<const HistoryRules>();
    const bool at_start = !std::exchange(histories_begun_, true);
    if (histories_.adopt(std::move(rules), stored, at_start && remote())) backend_->recall();
    matches_.forget_all();
}

/// Of a publisher who may be gone, in a session that is: whoever has its number now did not publish this.
void Router::past_arrived(Arrival&& arrival) noexcept {
    const std::uint16_t rule = histories_.rules().keeper_of(arrival.draft.topic);
    if (rule == 0 || !take_own_hop(arrival.draft, false)) return;
    const EnvelopePtr envelope = Envelope::make(std::move(arrival.draft), {{gateway_, core_.id(), ++messages_}, {}, nullptr, core_.now() - arrival.age});
    if (histories_.leads(rule)) return histories_.tell(rule, envelope);
    Mail mail;
    mail.what = Mail::What::past;
    mail.from = core_.id();
    mail.envelope = envelope;
    core_.mailbox().post(histories_.home_of(rule), std::move(mail));
}

void Router::receive_past(const Mail& mail) noexcept {
    if (!mail.envelope) return mail.count == 0 ? histories_.start_over() : histories_.past_told();
    const std::uint16_t rule = histories_.rules().keeper_of(mail.envelope->topic());
    if (histories_.leads(rule)) histories_.tell(rule, mail.envelope);
}

/// On every core, behind what was told before.
void Router::tell_histories(bool all_told) noexcept {
    for (std::uint16_t core = 0; core < core_.count(); ++core) {
        Mail mail;
        mail.what = Mail::What::past;
        mail.from = core_.id();
        mail.count = all_told ? 1 : 0;
        CoreId{core} == core_.id() ? receive_past(mail) : core_.mailbox().post({core}, std::move(mail));
    }
}

/// All messages of a topic go through the home of its history, so that they have one order. Its publisher hears when the home has seen to
/// everything that this core would have seen to, also where nothing is stored: what was acknowledged is on its way to everybody.
Delivered Router::send_to_history(const MatchEntry& entry, const EnvelopePtr& envelope) noexcept {
    const auto matches = static_cast<std::uint32_t>(entry.cores.size() + entry.destinations.size() + entry.groups.size());
    Mail mail;
    mail.what = Mail::What::keep;
    mail.from = core_.id();
    mail.envelope = envelope;
    CommitNeed need;
    if (envelope->qos() != Qos::at_most_once) {
        need.number = commits_.new_number();
        need.missing = 1;
        need.joint = need.here = exactly_once_ && commits_.stores();
        mail.token = {need.number};
    }
    if (need.joint) {
        mail.parts = 2;
        mail.transaction = commits_.transaction(need.number);
        commits_.join({mail.transaction, mail.parts});
    }
    core_.mailbox().post(histories_.home_of(entry.history), std::move(mail));
    return {matches, need.number == 0 ? 0 : commits_.begin(need)};
}

/// Another core's publisher, whose part of the transaction is the id of its message.
void Router::keep_in_history(const Mail& mail) noexcept {
    const EnvelopePtr& envelope = mail.envelope;
    const MatchEntry& entry = matches_.find(envelope->topic(), envelope->qos());
    exactly_once_ = mail.parts != 0;
    if (exactly_once_) commits_.join({mail.transaction, mail.parts});
    if (histories_.leads(entry.history)) histories_.keep(entry.history, envelope);
    CommitNeed need = plan_storing(entry, *envelope);
    spread(entry, envelope, need);
    commits_.answer(mail.from, mail.token, need);
}

void Router::read_history(Session& by, const HistoryQuestion& question, Token token) noexcept {
    const Turn turn(*this);
    history_reads_.ask(question, [this, id = by.id(), token](HistoryPage&& page) {
        Session* session = core_.sessions().find(id);
        if (!session) return;
        const auto kept = std::make_shared<HistoryPage>(std::move(page));
        rule_.when_readable(*session, kept->messages, [this, id, token, kept] {
            Session* const there = core_.sessions().find(id);
            if (!there) return;
            std::erase_if(kept->messages, [&](const EnvelopePtr& each) { return !rule_.may_read(*there, each->topic()); });
            there->history_read(token, *kept);
        });
    });
}

void Router::ready(Session& session) noexcept {
    const Turn turn(*this);
    flow_.ready(session.id());
}

}  // namespace junctor
