#include "core/routing/subscribe_flow.hpp"

#include <algorithm>

#include "core/routing/routing_metrics.hpp"

namespace junctor {
namespace {

/// For so many subscriptions that go at once it is worth while to look at each one's first level.
constexpr std::uint32_t few = 8;

bool has_start(const SubscribeRequest& request) noexcept { return request.start.has_value(); }
/// What a group was to share of the past, nobody could say.
bool begins_in_history(const SubscribeRequest& request) noexcept { return has_start(request) && !request.filter.shared(); }

}  // namespace

SubscribeFlow::SubscribeFlow(Parts parts)
    : parts_(parts),
      interest_(parts.core, parts.trie, parts.backend, *this),
      group_interest_(parts.core, parts.subscriptions, parts.groups, interest_),
      replays_({parts.core, parts.history, parts.fan_out, parts.rule, *this}) {}

void SubscribeFlow::subscribe(Session& session, std::span<const SubscribeRequest> requests, std::vector<Errc> codes, Token token,
                              std::string reason) {
    std::vector<NodeId> nodes(requests.size());
    std::vector<NodeId> unconfirmed;
    hold(session, requests, codes, nodes, unconfirmed, reason);
    const bool asks_history = std::any_of(requests.begin(), requests.end(), has_start);
    if (unconfirmed.empty() && !asks_history && !queues_.contains(session.id()))
        return finish_subscribe(session.id(), requests, codes, nodes, token, reason);
    auto operation = std::make_shared<Operation>();
    operation->session = session.id();
    operation->token = token;
    operation->requests.assign(requests.begin(), requests.end());
    for (const SubscribeRequest& each : requests) operation->weight += SubscriptionTable::weight_of(each.filter);
    operation->codes = std::move(codes);
    operation->reason = std::move(reason);
    operation->nodes = std::move(nodes);
    enqueue(std::move(operation), unconfirmed);
    run_ready(session.id());
}

void SubscribeFlow::hold(Session& session, std::span<const SubscribeRequest> requests, std::vector<Errc>& codes, std::vector<NodeId>& nodes,
                         std::vector<NodeId>& unconfirmed, std::string& reason) {
    std::size_t accepted = 0;  // their weight
    for (std::size_t i = 0; i < requests.size(); ++i) {
        if (codes[i] != Errc::ok) continue;
        if (!hold(session, requests[i], accepted, reason)) {
            codes[i] = Errc::quota_exceeded;
            continue;
        }
        accepted += SubscriptionTable::weight_of(requests[i].filter);
        nodes[i] = parts_.trie.add(requests[i].filter);
        const std::optional<Errc> outcome = interest_.hold(nodes[i], requests[i].filter, session.durable());
        if (!outcome) {
            unconfirmed.push_back(nodes[i]);
        } else if (*outcome != Errc::ok) {
            codes[i] = *outcome;
            let_go(session, std::exchange(nodes[i], 0));
        }
    }
}

/// May it hold this filter, too? Then it counts, until `let_go`.
bool SubscribeFlow::hold(Session& session, const SubscribeRequest& request, std::size_t accepted, std::string& reason) {
    const NodeId known = parts_.trie.find(request.filter);
    if (!within_quota(session, known, accepted)) return false;
    const std::optional<std::string> hindrance = parts_.rule.hinders_subscription(session, holds(session, known));
    if (hindrance && reason.find(*hindrance) == std::string::npos) reason.append(reason.empty() ? "" : "; ").append(*hindrance);
    return !hindrance;
}

void SubscribeFlow::let_go(const Session& session, NodeId node) noexcept {
    interest_.release(node, session.durable());
    parts_.rule.subscription_ended(session);
}

bool SubscribeFlow::holds(const Session& session, NodeId node) const noexcept {
    return node != 0 && parts_.subscriptions.holds(session.id().slot(), node);
}

std::size_t SubscribeFlow::held(const Session& session) const noexcept {
    std::size_t held = parts_.subscriptions.count(session.id().slot()) + replays_.count(session.id());
    if (const auto queue = queues_.find(session.id()); queue != queues_.end())
        for (const OperationPtr& each : queue->second)
            held += each->nodes.size() - static_cast<std::size_t>(std::ranges::count(each->nodes, NodeId{}));
    return held;
}

bool SubscribeFlow::within_quota(const Session& session, NodeId node, std::size_t accepted) const noexcept {
    std::size_t held = parts_.subscriptions.weight(session.id().slot()) + replays_.count(session.id()) + accepted;
    if (const auto queue = queues_.find(session.id()); queue != queues_.end())
        for (const OperationPtr& each : queue->second) held += each->weight;
    return held < parts_.core.limits().subscriptions_per_session || holds(session, node);
}

void SubscribeFlow::enqueue(OperationPtr operation, std::span<const NodeId> unconfirmed) {
    operation->missing = unconfirmed.size();
    for (std::size_t i = 0; i < operation->nodes.size(); ++i)
        if (std::ranges::find(unconfirmed, operation->nodes[i]) == unconfirmed.end()) join_group(*operation, i);
    for (const NodeId node : unconfirmed) waiting_[node].push_back(operation);
    queues_[operation->session].push_back(std::move(operation));
}

void SubscribeFlow::settled(NodeId node, Errc code) {
    confirmed(node, code);
    group_interest_.settled(node, code);
}

void SubscribeFlow::withdrawn(NodeId node) noexcept {
    parts_.groups.forget(node);
    parts_.matches.forget(parts_.trie.filter(node));
}

void SubscribeFlow::confirmed(NodeId node, Errc code) {
    auto waiters = waiting_.extract(node);
    if (waiters.empty()) return;
    for (const OperationPtr& operation : waiters.mapped()) {
        if (!operation->session) continue;
        if (code != Errc::ok) refuse(*operation, node, code);
        for (std::size_t i = 0; i < operation->nodes.size(); ++i)
            if (operation->nodes[i] == node) join_group(*operation, i);
        if (--operation->missing == 0) run_ready(operation->session);
    }
}

void SubscribeFlow::refuse(Operation& operation, NodeId node, Errc code) {
    for (std::size_t i = 0; i < operation.nodes.size(); ++i) {
        if (operation.nodes[i] != node) continue;
        operation.codes[i] = code;
        let_go(*parts_.core.sessions().find(operation.session), std::exchange(operation.nodes[i], 0));
    }
}

/// Whoever chooses among all members chooses this one from now on, though the session may still wait for other answers.
void SubscribeFlow::join_group(const Operation& operation, std::size_t at) {
    const NodeId node = operation.nodes[at];
    if (node == 0 || !operation.requests[at].filter.shared()) return;
    parts_.groups.set_member(node, *parts_.core.sessions().find(operation.session), operation.requests[at].options);
}

void SubscribeFlow::leave_groups(Session& session, const Operation& operation) noexcept {
    for (const NodeId node : operation.nodes)
        if (node != 0 && parts_.trie.shared(node)) parts_.groups.remove_member(node, session);
}

void SubscribeFlow::run_ready(SessionId session) {
    for (;;) {
        const auto queue = queues_.find(session);
        if (queue == queues_.end() || queue->second.front()->missing > 0) return;
        if (reads_history(queue->second.front())) return;
        const OperationPtr operation = std::move(queue->second.front());
        queue->second.pop_front();
        if (queue->second.empty()) queues_.erase(queue);
        finish(*operation);
    }
}

/// True when the operation has to wait for a history: the arrival of the last page goes on with it.
bool SubscribeFlow::reads_history(const OperationPtr& operation) {
    if (!operation->pages.empty() || std::none_of(operation->requests.begin(), operation->requests.end(), has_start)) return false;
    const Session& session = *parts_.core.sessions().find(operation->session);
    operation->pages.resize(operation->requests.size());
    operation->asking = true;
    for (std::size_t i = 0; i < operation->requests.size(); ++i) {
        if (operation->codes[i] != Errc::ok || !begins_in_history(operation->requests[i])) continue;
        ++operation->missing;
        parts_.history.ask(replays_.first_question(session, operation->requests[i]),
                           [this, operation, i](HistoryPage&& page) { page_arrived(operation, i, std::move(page)); });
    }
    operation->asking = false;
    operation->all_at_once = operation->missing == 0;
    return operation->missing > 0;
}

void SubscribeFlow::page_arrived(const OperationPtr& operation, std::size_t at, HistoryPage&& page) {
    operation->pages[at] = std::move(page);
    operation->latest_page = at;
    --operation->missing;
    if (operation->session && operation->missing == 0 && !operation->asking) run_ready(operation->session);
}

void SubscribeFlow::finish(const Operation& operation) {
    if (!operation.pages.empty()) {
        finish_beginning(operation);
    } else if (operation.removed.empty()) {
        finish_subscribe(operation.session, operation.requests, operation.codes, operation.nodes, operation.token, operation.reason);
    } else {
        finish_unsubscribe(operation.session, operation.removed, operation.token);
    }
}

void SubscribeFlow::finish_subscribe(SessionId id, std::span<const SubscribeRequest> requests, std::span<const Errc> codes,
                                     std::span<const NodeId> nodes, Token token, std::string_view reason) {
    Session* session = parts_.core.sessions().find(id);
    std::vector<Replay> replays(requests.size(), Replay::none);
    for (std::size_t i = 0; i < requests.size(); ++i)
        if (codes[i] == Errc::ok) replays[i] = install(*session, requests[i], nodes[i]);
    answer(id, token, codes, reason);
    for (std::size_t i = 0; i < requests.size(); ++i)
        if (replays[i] != Replay::none) replay(id, requests[i], replays[i]);
}

/// Those that begin in a history are not installed yet.
void SubscribeFlow::finish_beginning(const Operation& operation) {
    const SessionId id = operation.session;
    Session& session = *parts_.core.sessions().find(id);
    const std::size_t count = operation.requests.size();
    std::vector<Replay> replays(count, Replay::none);
    std::vector<std::uint64_t> begun(count);
    std::vector<HistoryOutcome> outcomes;
    for (std::size_t i = 0; i < count; ++i) {
        HistoryOutcome outcome = operation.pages[i].outcome;
        if (outcome.how == Resumption::unasked && has_start(operation.requests[i])) outcome.how = Resumption::none;
        outcomes.push_back(outcome);
        if (operation.codes[i] != Errc::ok) continue;
        if (outcome.how == Resumption::exact || outcome.how == Resumption::gap)
            begun[i] = begin_in_history(session, operation.requests[i], operation.nodes[i], outcome.after);
        else
            replays[i] = install(session, operation.requests[i], operation.nodes[i]);
    }
    answer(id, operation.token, operation.codes, operation.reason, outcomes);
    for (std::size_t i = 0; i < count; ++i) {
        const bool fresh = operation.all_at_once || operation.latest_page == i;
        if (begun[i] != 0) replays_.take(id, begun[i], operation.pages[i], fresh);
        if (replays[i] != Replay::none) replay(id, operation.requests[i], replays[i]);
    }
}

/// One that the session holds already begins anew.
std::uint64_t SubscribeFlow::begin_in_history(Session& session, const SubscribeRequest& request, NodeId node, HistoryPosition after) {
    stop_replay(session, node);
    if (parts_.subscriptions.remove(session.id().slot(), node)) {
        parts_.matches.forget(request.filter);
        uninstall(session, node);
    }
    return replays_.add(session.id(), request, node, after);
}

void SubscribeFlow::stop_replay(Session& session, NodeId node) {
    if (replays_.cancel(session.id(), node) != 0) let_go(session, node);
}

void SubscribeFlow::caught_up(Session& session, const SubscribeRequest& request, NodeId node) {
    const Replay retained = install(session, request, node);
    if (retained != Replay::none && request.start->from == HistoryStart::From::now) replay(session.id(), request, retained);
}

SubscribeFlow::Replay SubscribeFlow::install(Session& session, const SubscribeRequest& request, NodeId node) {
    stop_replay(session, node);
    parts_.matches.forget(request.filter);
    const bool fresh = parts_.subscriptions.set(session.id().slot(), node, request.options, SubscriptionTable::weight_of(request.filter));
    if (fresh) {
        parts_.core.metrics().add(routing_metrics().subscriptions, 1);
    } else {
        let_go(session, node);  // it has a hold already
    }
    if (request.filter.shared()) {
        parts_.groups.set_member(node, session, request.options);
        return Replay::none;  // MQTT 5.0 section 4.8.2: what is retained is not for a group
    }
    const RetainHandling handling = request.options.retain_handling;
    if (fresh) return handling == RetainHandling::never ? Replay::none : Replay::first;
    return handling == RetainHandling::send ? Replay::again : Replay::none;
}

void SubscribeFlow::replay(SessionId id, const SubscribeRequest& request, Replay how) {
    const bool noted = how == Replay::first && parts_.core.count() > 1;
    parts_.retained.find(request.filter, parts_.core.now(), [&](const EnvelopePtr& envelope) {
        Session* session = parts_.core.sessions().find(id);
        if (!session) return false;
        if (request.options.no_local && envelope->origin() == id) return true;
        if (!parts_.rule.may_replay(*session, *envelope)) return true;
        if (noted) parts_.replayed.note(id, *envelope, parts_.core.now());
        return parts_.fan_out.deliver_to(*session, request.options, envelope, true) != DeliverResult::refused;
    });
}

void SubscribeFlow::answer(SessionId id, Token token, std::span<const Errc> codes, std::string_view reason,
                           std::span<const HistoryOutcome> history) {
    if (token.value == 0) return;
    if (Session* session = parts_.core.sessions().find(id)) session->settled(token, {Errc::ok, 0, reason, codes, history});
}

void SubscribeFlow::unsubscribe(Session& session, std::span<const TopicFilter> filters, Token token) {
    if (!queues_.contains(session.id())) return finish_unsubscribe(session.id(), filters, token);
    auto operation = std::make_shared<Operation>();
    operation->session = session.id();
    operation->token = token;
    operation->removed.assign(filters.begin(), filters.end());
    enqueue(std::move(operation), {});
}

void SubscribeFlow::finish_unsubscribe(SessionId id, std::span<const TopicFilter> filters, Token token) {
    std::vector<Errc> codes;
    codes.reserve(filters.size());
    bool all_held = true;
    for (const TopicFilter& filter : filters) {
        const NodeId node = parts_.trie.find(filter);
        if (node != 0 && replays_.cancel(id, node) != 0) {
            let_go(*parts_.core.sessions().find(id), node);
            codes.push_back(Errc::ok);
            continue;
        }
        const bool held = node != 0 && parts_.subscriptions.remove(id.slot(), node);
        codes.push_back(held ? Errc::ok : Errc::bad_filter);
        all_held = all_held && held;
        if (!held) continue;
        parts_.matches.forget(filter);
        uninstall(*parts_.core.sessions().find(id), node);
    }
    answer(id, token, codes, all_held ? std::string_view() : "no subscription has this filter");
}

/// After it has left the table.
void SubscribeFlow::uninstall(Session& session, NodeId node) {
    parts_.core.metrics().add(routing_metrics().subscriptions, -1);
    if (parts_.trie.shared(node)) parts_.groups.remove_member(node, session);
    let_go(session, node);
}

void SubscribeFlow::close(Session& session) noexcept {
    if (auto queue = queues_.extract(session.id()); !queue.empty()) {
        for (const OperationPtr& operation : queue.mapped()) {
            operation->session = {};
            leave_groups(session, *operation);
            for (const NodeId node : operation->nodes)
                if (node != 0) let_go(session, node);
        }
    }
    while (const NodeId node = replays_.cancel_any(session.id())) let_go(session, node);
    const bool many = parts_.subscriptions.count(session.id().slot()) > few;
    if (many) parts_.matches.forget_all();
    while (const NodeId node = parts_.subscriptions.remove_any(session.id().slot())) {
        if (!many) parts_.matches.forget(parts_.trie.filter(node));
        uninstall(session, node);
    }
}

}  // namespace junctor
