// Sessions come and go, and what they leave behind.

#include "core/session/session_table.hpp"
#include "policy/audit_trail.hpp"
#include "policy/policy_gate.hpp"

namespace junctor {

Result<Opened> PolicyGate::open(Session& session, const SessionTerms& terms) noexcept {
    if (const Result<void> admitted = admit(session, terms); !admitted) return admitted.error();
    if (const Result<void> within = enter(session); !within) return within.error();
    DurableSession* kept = resume(session, terms.clean_start);
    Opened opened;
    opened.resumed = kept != nullptr;
    if (kept) opened.unreleased = kept->unreleased();
    if (kept || (terms.durable() && !session.name().empty())) {
        if (const Result<void> attached = attach(session, kept, terms.expiry); !attached) {
            abandon(session);
            return attached.error();
        }
        opened.epoch = durables_.of(session)->epoch();
    } else {
        router_.open(session);
    }
    if (entering_) shares_[session.id()] = std::move(*entering_);
    entering_.reset();
    charge(session);
    vouched_.watch(session);
    audit::connected(*judge_.policy(), session);
    presence_.connected(session);
    if (!session.name().empty()) router_.announce(session);
    return opened;
}

Result<void> PolicyGate::admit(const Session& newcomer, const SessionTerms& terms) noexcept {
    if (draining_) return Errc::shutting_down;
    refresh();
    // Who it is may have been found out long ago: ZeroMQ asks when a connection begins, not when it speaks.
    const Principal& who = *newcomer.principal();
    if (vouched_.over(who) || revoked(who) || judge_.policy()->disowns(who) || !judge_.allows(newcomer, Verb::connect, {})) return Errc::denied;
    if (newcomer.protocol() == "bridge" && !judge_.allows(newcomer, Verb::bridge, newcomer.name())) return Errc::denied;
    return newcomer.name().empty() ? Result<void>() : displace(newcomer, terms.spares_kept);
}

/// A live session of that name goes, if it is the same principal's: another one's is never taken, live or not.
Result<void> PolicyGate::displace(const Session& newcomer, bool spares_kept) noexcept {
    const TenantId tenant = newcomer.principal()->tenant;
    Session* holder = core_.sessions().find(tenant, newcomer.name());
    if (!holder) return {};
    if (holder->principal()->name != newcomer.principal()->name) {
        judge_.note_denial(newcomer, Verb::connect, {}, "the session of this name is another one's");
        return Errc::denied;
    }
    const DurableSession* durable = durables_.find(tenant, newcomer.name());
    if (durable && spares_kept) return Errc::name_kept;
    Session* live = durable ? durable->wire() : holder;
    if (!live) return {};
    const SessionId id = live->id();
    live->close(CloseReason::taken_over, "the session was opened again");
    // It may say goodbye later; its name is free now.
    if (core_.sessions().find(id) == live) close(*live, CloseReason::taken_over);
    return {};
}

/// What is kept under the newcomer's name; null: nothing, or nothing any more.
DurableSession* PolicyGate::resume(const Session& newcomer, bool clean_start) noexcept {
    DurableSession* kept = durables_.find(newcomer.principal()->tenant, newcomer.name());
    if (!kept || !clean_start) return kept;
    durables_.end(*kept);
    return nullptr;
}

Result<void> PolicyGate::attach(Session& wire, DurableSession* kept, Duration expiry) {
    if (!kept) {
        if (!durables_.has_room()) return Errc::quota_exceeded;
        auto made = std::make_unique<DurableSession>(durables_, wire);
        router_.open(*made);
        kept = &durables_.adopt(std::move(made));
        adopt_quota(*kept);
    }
    router_.open(wire, Naming::unnamed);
    durables_.attach(*kept, wire, expiry);
    return {};
}

void PolicyGate::close(Session& session, CloseReason reason) noexcept {
    if (!session.id()) return;
    vouched_.forget(session);
    leave_quota(session);
    audit::disconnected(*judge_.policy(), session, reason);
    if (DurableSession* durable = durables_.of(session)) {
        durables_.detach(*durable);
    } else if (std::unique_ptr<Will> will = take_will(session)) {
        publish_will(session, std::move(will));
    }
    undecided_.leave(session);
    withheld_.leave(session);
    presence_.disconnected(session, reason, [&] { router_.close(session); });
}

void PolicyGate::change_expiry(Session& session, Duration expiry) noexcept {
    if (DurableSession* durable = durables_.of(session)) durables_.change_expiry(*durable, expiry);
}

void PolicyGate::ready(Session& session) noexcept {
    refresh();
    DurableSession* durable = durables_.of(session);
    if (durable) durable->ready();
    router_.ready(durable ? *durable : session);
}

void PolicyGate::acknowledge(Session& by, std::uint64_t sequence, Progress progress) noexcept {
    refresh();
    DurableSession* durable = durables_.of(by);
    if (!durable) return;
    durable->acknowledge(sequence, progress);
    router_.ready(*durable);
}

void PolicyGate::release(Session& by, std::uint16_t exactly_once_id, Token token) noexcept {
    if (DurableSession* durable = durables_.of(by)) return durables_.release(*durable, exactly_once_id, token);
    if (token.value != 0) by.settled(token, {});
}

Result<void> PolicyGate::set_will(Session& session, std::unique_ptr<Will> will) noexcept {
    Result<void> verdict;
    if (will) verdict = judge_will(session, *will);
    if (!verdict) will.reset();
    if (DurableSession* durable = durables_.of(session)) {
        durables_.set_will(*durable, std::move(will));
    } else if (will) {
        if (durables_.records().stores()) durables_.records().will(session.id(), will.get(), session.principal());
        wills_[session.id()] = std::move(will);
    } else {
        take_will(session);
    }
    return verdict;
}

Result<void> PolicyGate::judge_will(const Session& session, Will& will) {
    const Result<Topic> topic = Topic::parse(session.principal()->tenant, will.topic);
    if (!topic) return Errc::bad_topic;
    will.draft.topic = *topic;
    will.draft.payload = will.payload;
    // What is not known now is when the will is due.
    if (const Checked checked = check(session, will.draft, Verb::publish); checked.refusal) return checked.refusal->code;
    return {};
}

std::unique_ptr<Will> PolicyGate::take_will(const Session& session) noexcept {
    auto taken = wills_.extract(session.id());
    if (!taken) return nullptr;
    if (durables_.records().stores()) durables_.records().will(session.id(), nullptr, nullptr);
    return std::move(taken.mapped());
}

void PolicyGate::publish_will(Session& from, std::unique_ptr<Will> will) noexcept {
    LastWord* const word = last_words_.add(from, std::move(will));
    if (word) speak(*word, undecided_.waits(from) ? from : static_cast<Session&>(*word));
}

/// Behind whatever that session still waits for.
void PolicyGate::speak(LastWord& word, Session& behind) noexcept {
    if (!undecided_.waits(behind) && try_will(word).empty()) return;
    const auto attempt = [this, id = word.id()](Session&) {
        LastWord* const there = last_words_.find(id);
        return there ? try_will(*there) : std::vector<Unknown>();
    };
    if (!undecided_.add(behind, {attempt, word.bytes(), true})) last_words_.postpone(word);
}

/// Judged again: what was allowed when it was left may not be now, and who may not be here any more has no last word.
std::vector<Unknown> PolicyGate::try_will(LastWord& word) noexcept {
    constexpr Token token{1};
    refresh();
    const Ruling here = judge_.rule(word, Verb::connect, {});
    if (here == Ruling::later) return {{Verb::connect, {}}};
    if (here == Ruling::deny) return refuse(word, token, {Errc::denied, {}}), std::vector<Unknown>();
    Draft draft = word.draft();
    if (std::optional<std::vector<Unknown>> hindered = hindrance(word, draft, token)) return std::move(*hindered);
    if (last_words_.go(word, router_.remote())) draft.exactly_once_id = 1;
    router_.publish(word, std::move(draft), token, word.origin());
    return {};
}

void PolicyGate::ended(Departed& departed) noexcept {
    undecided_.leave(departed);
    leave_quota(departed);
    router_.close(departed);
}

void PolicyGate::ended(DurableSession& session) noexcept {
    undecided_.leave(session);
    withheld_.leave(session);
    leave_quota(session);
    router_.close(session);
}

void PolicyGate::restore(StoredSessions& stored) {
    StoredSessions::Part part = stored.take(core_.id());
    durables_.prepare(part);
    for (StoredSessions::Stored& each : part.sessions) {
        const SessionRecord& record = each.record;
        DurableSession& session = open_restored(record.name, stored.protocol(record.protocol), record.principal);
        const std::vector<SubscribeRequest> subscriptions = std::move(each.subscriptions);
        durables_.restore(session, std::move(each), stored.messages());
        // Without a token: nobody waits for it. Rights are asked for each message.
        router_.subscribe(session, subscriptions, std::vector<Errc>(subscriptions.size(), Errc::ok), {});
        adopt_quota(session);
    }
    durables_.restored();
    for (auto& [will, principal] : part.wills) last_words_.restore(principal, std::move(will));
}

DurableSession& PolicyGate::open_restored(std::string name, std::string_view protocol, PrincipalRef principal) {
    auto made = std::make_unique<DurableSession>(durables_, std::move(name), protocol, std::move(principal));
    router_.open(*made);
    return durables_.adopt(std::move(made));
}

/// Whoever may see the gateway's events sees what became of it.
void PolicyGate::lost(DurableSession& session, const EnvelopePtr& envelope, Loss loss) noexcept { presence_.lost(session, *envelope, loss); }

}  // namespace junctor
