#include "core/routing/interest.hpp"

namespace junctor {

std::optional<Errc> Interest::hold(NodeId node, const TopicFilter& filter) {
    const bool first = trie_.holds(node)++ == 0;
    if (pending_.contains(node)) return std::nullopt;
    if (!first) return Errc::ok;
    announce(node, filter);
    if (pending_.contains(node)) return std::nullopt;
    return announced_;
}

void Interest::announce(NodeId node, const TopicFilter& filter) {
    // Its own hold: the node must outlive the answers, also when everybody lets go of it meanwhile.
    ++trie_.holds(node);
    pending_.emplace(node, Pending{core_.count(), Errc::ok});  // the other cores, and the backend
    announcing_ = node;
    tell_others(Mail::What::interest, node, filter);
    backend_.subscribe(filter, {});
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
        settled_(node, outcome);
    }
}

void Interest::release(NodeId node) noexcept {
    if (--trie_.holds(node) == 0) withdraw(node);
}

void Interest::withdraw(NodeId node) noexcept {
    const TopicFilter filter = trie_.filter(node);
    tell_others(Mail::What::no_interest, node, filter);
    backend_.unsubscribe(filter, {});
    trie_.prune(node);
}

void Interest::tell_others(Mail::What what, NodeId node, const TopicFilter& filter) {
    for (std::uint16_t other = 0; other < core_.count(); ++other) {
        if (CoreId{other} == core_.id()) continue;
        Mail mail;
        mail.what = what;
        mail.from = core_.id();
        mail.tenant = filter.tenant();
        mail.token = {node};
        mail.text = std::make_unique<std::string>(filter.text());
        core_.mailbox().post({other}, std::move(mail));
    }
}

}  // namespace junctor
