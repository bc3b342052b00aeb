#include "core/routing/addressed.hpp"

#include "core/ports/http.hpp"
#include "core/routing/routing_metrics.hpp"
#include "core/session/session_table.hpp"

namespace junctor {
namespace {

/// The session that `$to/<name>` names: what is not allowed in a topic stands percent-escaped. Empty when it is none.
std::string name_in(std::string_view topic) {
    topic.remove_prefix(session_prefix.size());
    if (topic.find('%') == topic.npos) return std::string(topic);
    return percent_decode(topic).value_or(std::string());
}

// How far a `send` has come travels in `Mail::count`: the core whose turn it was, and how many have been tried.
constexpr std::uint32_t progress(std::uint32_t first, std::uint32_t tried) noexcept { return first << 16 | tried; }

}  // namespace

void Addressed::send(const EnvelopePtr& envelope, BackendTicket ticket) noexcept {
    if (expired(*envelope)) return settler_.settle(ticket, Errc::expired, 0);
    try_core(envelope, ticket, matches_.find(envelope->topic(), envelope->qos()).next_core++ & 0xffff, 0);
}

void Addressed::settle(BackendTicket ticket, DeliverResult result) noexcept {
    if (result == DeliverResult::stored) return settler_.settle_when_stored(ticket);
    settler_.settle(ticket, Errc::ok, 1);
}

void Addressed::give_to_one(const EnvelopePtr& envelope, const Asker& asker) noexcept {
    MatchEntry& entry = matches_.find(envelope->topic(), envelope->qos());
    const DeliverResult result = fan_out_.deliver_to_one(entry, envelope);
    if (result != DeliverResult::refused || entry.groups.empty()) return tell(envelope, asker, result);
    give_to_group(envelope, asker, entry.next_member++, 0);
}

/// To the groups at home here, one after the other, until a member of one has it.
void Addressed::give_to_group(const EnvelopePtr& envelope, const Asker& asker, std::uint32_t first, std::uint32_t tried) noexcept {
    for (;; ++tried) {
        const std::vector<std::uint32_t>& groups = matches_.find(envelope->topic(), envelope->qos()).groups;
        if (tried >= groups.size()) return tell(envelope, asker, DeliverResult::refused);
        const std::optional<DeliverResult> result =
            groups_.send(groups[(first + tried) % groups.size()], envelope, [this, envelope, asker, first, tried](DeliverResult later) {
                later == DeliverResult::refused ? give_to_group(envelope, asker, first, tried + 1) : tell(envelope, asker, later);
            });
        if (!result) return;
        if (*result != DeliverResult::refused) return tell(envelope, asker, *result);
    }
}

void Addressed::tell(const EnvelopePtr& envelope, const Asker& asker, DeliverResult result) noexcept {
    const bool refused = result == DeliverResult::refused;
    if (asker.core && refused) return post(Mail::What::settle, *asker.core, Errc::no_receivers, envelope, asker.ticket, asker.progress);
    if (asker.core) return answer(*asker.core, asker.ticket, result);
    if (!refused) return settle(asker.ticket, result);
    try_core(envelope, asker.ticket, asker.progress >> 16, asker.progress & 0xffff);
}

void Addressed::try_core(const EnvelopePtr& envelope, BackendTicket ticket, std::uint32_t first, std::uint32_t tried) noexcept {
    const MatchEntry& entry = matches_.find(envelope->topic(), envelope->qos());
    const bool somebody_here = !entry.destinations.empty() || !entry.groups.empty();
    const std::size_t count = entry.cores.size() + (somebody_here ? 1 : 0);
    if (tried >= count) return undeliverable(ticket);
    const std::size_t turn = (first + tried) % count;
    if (turn == entry.cores.size()) return give_to_one(envelope, {{}, ticket, progress(first, tried + 1)});
    post(Mail::What::send, entry.cores[turn], Errc::ok, envelope, ticket, progress(first, tried + 1));
}

void Addressed::receive_send(Mail&& mail) noexcept {
    const BackendTicket ticket{mail.session, mail.token};
    if (expired(*mail.envelope)) return post(Mail::What::settle, mail.from, Errc::expired, nullptr, ticket, 0);
    give_to_one(mail.envelope, {mail.from, ticket, mail.count});
}

/// The receiver is here.
void Addressed::answer(CoreId asker, BackendTicket ticket, DeliverResult result) noexcept {
    if (result != DeliverResult::stored) return post(Mail::What::settle, asker, Errc::ok, nullptr, ticket, 1);
    settler_.post_when_stored(asker, make(Mail::What::settle, Errc::ok, nullptr, ticket, 1));
}

void Addressed::receive_settle(Mail&& mail) noexcept {
    const BackendTicket ticket{mail.session, mail.token};
    if (mail.envelope && mail.envelope->topic().reserved()) return nobody_here(mail.envelope, ticket);
    if (mail.envelope) return try_core(mail.envelope, ticket, mail.count >> 16, mail.count & 0xffff);
    if (mail.code == Errc::no_receivers) return undeliverable(ticket);
    settler_.settle(ticket, mail.code, mail.count);
}

void Addressed::direct(const EnvelopePtr& envelope, BackendTicket ticket) noexcept {
    if (expired(*envelope)) return settler_.settle(ticket, Errc::expired, 0);
    const Topic topic = envelope->topic();
    const bool to_session = topic.text().starts_with(session_prefix);
    const std::optional<CoreId> home =
        to_session ? std::optional(core_.home_of(topic.tenant(), name_in(topic.text()))) : requests_.home_of(topic.text());
    if (!home || home->value >= core_.count()) return nobody_here(envelope, ticket);
    if (*home != core_.id()) return post(Mail::What::direct, *home, Errc::ok, envelope, ticket, 0);
    const DeliverResult result = give_directly(envelope);
    result == DeliverResult::refused ? nobody_here(envelope, ticket) : settle(ticket, result);
}

DeliverResult Addressed::give_directly(const EnvelopePtr& envelope) noexcept {
    if (envelope->topic_text().starts_with(session_prefix)) return give_to_named(envelope);
    return requests_.answer(envelope) ? DeliverResult::queued : DeliverResult::refused;
}

DeliverResult Addressed::give_to_named(const EnvelopePtr& envelope) noexcept {
    const Topic topic = envelope->topic();
    Session* session = core_.sessions().find(topic.tenant(), name_in(topic.text()));
    if (!session || !rule_.may_receive(*session, topic)) return DeliverResult::refused;
    SubscribeOptions options;
    options.max_qos = envelope->qos();
    const DeliverResult result = fan_out_.deliver_to(*session, options, envelope, false);
    return result == DeliverResult::denied ? DeliverResult::refused : result;
}

void Addressed::receive_direct(Mail&& mail) noexcept {
    const BackendTicket ticket{mail.session, mail.token};
    if (expired(*mail.envelope)) return post(Mail::What::settle, mail.from, Errc::expired, nullptr, ticket, 0);
    const DeliverResult result = give_directly(mail.envelope);
    if (result != DeliverResult::refused) return answer(mail.from, ticket, result);
    post(Mail::What::settle, mail.from, Errc::no_receivers, mail.envelope, ticket, 0);
}

bool Addressed::expired(const Envelope& envelope) noexcept {
    if (!envelope.expired(core_.now())) return false;
    core_.metrics().add(routing_metrics().dropped_expired);
    return true;
}

void Addressed::nobody_here(const EnvelopePtr& envelope, BackendTicket ticket) noexcept {
    if (!settler_.forward(envelope, ticket)) undeliverable(ticket);
}

void Addressed::undeliverable(BackendTicket ticket) noexcept {
    core_.metrics().add(routing_metrics().undeliverable);
    settler_.settle(ticket, Errc::no_receivers, 0);
}

void Addressed::post(Mail::What what, CoreId to, Errc code, const EnvelopePtr& envelope, BackendTicket ticket,
                     std::uint32_t count) noexcept {
    core_.mailbox().post(to, make(what, code, envelope, ticket, count));
}

Mail Addressed::make(Mail::What what, Errc code, const EnvelopePtr& envelope, BackendTicket ticket, std::uint32_t count) const noexcept {
    Mail mail;
    mail.what = what;
    mail.code = code;
    mail.from = core_.id();
    mail.count = count;
    mail.envelope = envelope;
    mail.session = ticket.session;
    mail.token = ticket.token;
    return mail;
}

}  // namespace junctor
