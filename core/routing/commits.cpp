#include "core/routing/commits.hpp"

#include <algorithm>

namespace junctor {

Commits::Commits(Core& core, Settler& settler) : core_(core), journal_(core.journal()), settler_(settler) { journal_.add(*this); }

/// The batch that is being filled, if anything stands in it: another one may never come.
std::uint64_t Commits::written() const noexcept { return journal_.position() - (journal_.batch().empty() ? 1 : 0); }

std::uint64_t Commits::begin(const CommitNeed& need) {
    const std::uint64_t position = need.here ? written() : 0;
    if (need.missing == 0 && journal_.is_durable(position)) return 0;
    receipts_.push_back({need.number, position, need.missing, 0, {}, Errc::ok});
    return need.number;
}

void Commits::settle(BackendTicket ticket, Errc code, std::uint32_t matches, std::uint64_t commit) noexcept {
    if (receipts_.empty()) [[likely]]
        return settler_.settle_now(ticket, code, matches);
    Receipt* receipt = commit == 0 ? nullptr : find(commit);
    if (ticket.token.value == 0) return;
    if (!receipt) {
        if (!waiting_.contains(ticket.session)) return settler_.settle_now(ticket, code, matches);
        receipt = &receipts_.emplace_back();
        receipt->number = new_number();
    }
    receipt->ticket = ticket;
    receipt->code = code;
    receipt->matches = matches;
    add_waiting(ticket.session);
}

Commits::Receipt* Commits::find(std::uint64_t number) noexcept {
    // Normally it has just begun.
    if (!receipts_.empty() && receipts_.back().number == number) return &receipts_.back();
    const auto at = std::lower_bound(receipts_.begin(), receipts_.end(), number, [](const Receipt& each, std::uint64_t wanted) {
        return each.number < wanted;
    });
    return at == receipts_.end() || at->number != number ? nullptr : &*at;
}

void Commits::remove_waiting(SessionId session) noexcept {
    const auto at = waiting_.find(session);
    if (at != waiting_.end() && --at->second == 0) waiting_.erase(at);
}

void Commits::settle_ready() noexcept {
    while (!receipts_.empty()) {
        const Receipt first = receipts_.front();
        if (first.missing > 0 || !journal_.is_durable(first.position)) return;
        receipts_.pop_front();
        if (first.ticket.token.value == 0) continue;
        remove_waiting(first.ticket.session);
        settler_.settle_now(first.ticket, first.code, first.matches);
    }
}

void Commits::answer(CoreId to, Token token, const CommitNeed& need) {
    if (token.value == 0) return;
    const Answer answer{to, token, need.here ? written() : 0, need.missing};
    if (need.missing == 0) return post_stored(answer);
    answers_.emplace(need.number, answer);
}

void Commits::post_stored(const Answer& answer) {
    Mail mail;
    mail.what = Mail::What::stored;
    mail.from = core_.id();
    mail.token = answer.token;
    if (journal_.is_durable(answer.position)) return core_.mailbox().post(answer.to, std::move(mail));
    owed_.push_back({written(), answer.to, std::move(mail)});
}

void Commits::post_when_stored(CoreId to, Mail&& mail) {
    if (journal_.is_durable(written())) return core_.mailbox().post(to, std::move(mail));
    owed_.push_back({written(), to, std::move(mail)});
}

void Commits::stored(std::uint64_t number, bool here) noexcept {
    if (const auto at = answers_.find(number); at != answers_.end()) {
        if (here) at->second.position = written();
        if (--at->second.missing > 0) return;
        const Answer complete = at->second;
        answers_.erase(at);
        return post_stored(complete);
    }
    Receipt* receipt = find(number);
    if (!receipt || receipt->missing == 0) return;
    if (here) receipt->position = written();
    if (--receipt->missing == 0) settle_ready();
}

void Commits::committed(std::uint64_t) noexcept {
    post_ready();
    settle_ready();
}

void Commits::post_ready() noexcept {
    for (; !owed_.empty() && journal_.is_durable(owed_.front().position); owed_.pop_front())
        core_.mailbox().post(owed_.front().to, std::move(owed_.front().mail));
}

}  // namespace junctor
