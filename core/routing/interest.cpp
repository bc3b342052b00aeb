#include "core/routing/interest.hpp"

namespace junctor {

std::optional<Errc> Interest::hold(NodeId node, const TopicFilter& filter, bool durable) {
    const bool first = trie_.holds(node)++ == 0;
    const bool first_durable = durable && trie_.durable_holds(node)++ == 0;
    if (first || first_durable) announce(node, filter, first);
    if (pending_.contains(node)) return std::nullopt;
    return first || first_durable ? announced_ : Errc::ok;
}

void Interest::announce(NodeId node, const TopicFilter& filter, bool to_backend) {
    Pending& pending = pending_[node];
    // Its own hold: the node must outlive the answers, also when everybody lets go of it meanwhile.
    if (pending.missing == 0) ++trie_.holds(node);
    announcing_ = node;
    pending.missing += 1 + tell(Mail::What::interest, {node}, filter, trie_.durable_holds(node) > 0);
    if (to_backend && !only_to_home(filter)) {
        backend_.subscribe(filter, filter.group());
    } else {
        answered(node, Errc::ok);
    }
    announcing_ = 0;
}

void Interest::backend_answered(const TopicFilter& filter, Errc code) {
    const NodeId node = announcing_ != 0 ? announcing_ : trie_.find(filter);
    if (node != 0) answered(node, code);
}

void Interest::answered(NodeId node, Errc code) {
    const auto at = pending_.find(node);
    if (at == pending_.end()) return;
    if (code != Errc::ok) at->second.code = code;
    if (--at->second.missing > 0) return;
    const Errc outcome = at->second.code;
    pending_.erase(at);
    --trie_.holds(node);
    if (node == announcing_) {
        announced_ = outcome;
    } else if (trie_.holds(node) == 0) {
        withdraw(node);
    } else {
        owner_.settled(node, outcome);
    }
}

void Interest::release(NodeId node, bool durable) noexcept {
    const bool last_durable = durable && --trie_.durable_holds(node) == 0;
    if (--trie_.holds(node) == 0) return withdraw(node);
    if (last_durable) tell(Mail::What::interest, {}, trie_.filter(node), false);  // nobody waits for the answer
}

void Interest::withdraw(NodeId node) noexcept {
    const TopicFilter filter = trie_.filter(node);
    owner_.withdrawn(node);
    tell(Mail::What::no_interest, {node}, filter, false);
    if (!only_to_home(filter)) backend_.unsubscribe(filter, filter.group());
    trie_.prune(node);
}

/// Returns to how many.
std::uint32_t Interest::tell(Mail::What what, Token token, const TopicFilter& filter, bool durable) {
    if (only_to_home(filter)) {
        post(home_of(filter), what, token, filter, durable);
        return 1;
    }
    for (std::uint16_t other = 0; other < core_.count(); ++other)
        if (CoreId{other} != core_.id()) post({other}, what, token, filter, durable);
    return core_.count() - 1U;
}

void Interest::post(CoreId to, Mail::What what, Token token, const TopicFilter& filter, bool durable) {
    Mail mail;
    mail.what = what;
    mail.from = core_.id();
    mail.tenant = filter.tenant();
    mail.token = token;
    mail.durable = durable;
    mail.text = std::make_unique<std::string>(filter.canonical());
    core_.mailbox().post(to, std::move(mail));
}

}  // namespace junctor
