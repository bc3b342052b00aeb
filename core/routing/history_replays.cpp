#include "core/routing/history_replays.hpp"

#include <algorithm>

#include "core/session/session_table.hpp"

namespace junctor {

HistoryQuestion HistoryReplays::first_question(const Session& session, const SubscribeRequest& request) const {
    const bool kept = session.durable() && request.options.max_qos != Qos::at_most_once;
    if (kept) return {request.filter, *request.start, HistoryQuestion::all, HistoryQuestion::all};
    return {request.filter, *request.start, page_messages, page_bytes};
}

std::uint64_t HistoryReplays::add(SessionId session, const SubscribeRequest& request, NodeId node, HistoryPosition after) {
    sessions_[session].push_back({++last_number_, node, request, after});
    return last_number_;
}

HistoryReplays::Replay* HistoryReplays::find(SessionId session, std::uint64_t number) noexcept {
    const auto replays = sessions_.find(session);
    if (replays == sessions_.end()) return nullptr;
    const auto found = std::find_if(replays->second.begin(), replays->second.end(), [&](const Replay& each) { return each.number == number; });
    return found == replays->second.end() ? nullptr : &*found;
}

void HistoryReplays::take(SessionId session, std::uint64_t number, const HistoryPage& page, bool fresh) {
    if (!hand_over(session, number, page)) return;
    Session& at = *parts_.core.sessions().find(session);
    Replay& replay = *find(session, number);
    replay.position = page.next;
    if (!fresh || !page.complete()) return go_on(at, replay);
    const SubscribeRequest request = std::move(replay.request);
    parts_.owner.caught_up(at, request, cancel(session, replay.node));
}

/// False when the session, or what it wanted, has gone meanwhile.
bool HistoryReplays::hand_over(SessionId session, std::uint64_t number, const HistoryPage& page) {
    for (const EnvelopePtr& envelope : page.messages) {
        Replay* replay = find(session, number);
        Session* at = parts_.core.sessions().find(session);
        if (!replay || !at) return false;
        const SubscribeOptions options = replay->request.options;
        if (options.no_local && envelope->origin() == session) continue;
        if (!parts_.rule.may_receive(*at, envelope->topic())) continue;
        const bool retain = options.retain_as_published && envelope->retain();
        if (parts_.fan_out.deliver_to(*at, options, envelope, retain) == DeliverResult::refused && !at->durable()) return false;
    }
    return find(session, number) && parts_.core.sessions().find(session);
}

void HistoryReplays::go_on(Session& session, Replay& replay) {
    replay.waits = !session.accepts(replay.request.options.max_qos) || parts_.rule.keeps_back(session);
    if (replay.waits) return;
    // By mail, also to this core itself: others come first for a while, and nothing recurses.
    Mail mail;
    mail.what = Mail::What::call;
    mail.from = parts_.core.id();
    mail.task = std::make_unique<std::function<void(Core&)>>([this, id = session.id(), number = replay.number](Core&) { ask(id, number); });
    parts_.core.mailbox().post(parts_.core.id(), std::move(mail));
}

void HistoryReplays::ask(SessionId session, std::uint64_t number) {
    const Replay* replay = find(session, number);
    if (!replay) return;
    HistoryQuestion question{replay->request.filter, {HistoryStart::From::after, replay->position}, page_messages, page_bytes};
    parts_.reads.ask(std::move(question), [this, session, number](HistoryPage&& page) { arrived(session, number, page); });
}

void HistoryReplays::arrived(SessionId session, std::uint64_t number, const HistoryPage& page) {
    if (!find(session, number)) return;
    if (page.outcome.how != Resumption::exact) {
        // It can ask again from what it has, and is told then what is missing.
        Session* at = parts_.core.sessions().find(session);
        const bool durable = at->durable();
        at->close(CloseReason::slow_consumer, "messages left the history before they were taken");
        if (!durable || !find(session, number)) return;  // a durable session stays, and is subscribed
    }
    take(session, number, page, true);
}

void HistoryReplays::ready(SessionId session) {
    const auto replays = sessions_.find(session);
    if (replays == sessions_.end()) return;
    Session* at = parts_.core.sessions().find(session);
    for (Replay& each : replays->second)
        if (at && each.waits) go_on(*at, each);
}

NodeId HistoryReplays::cancel(SessionId session, NodeId node) noexcept {
    const auto replays = sessions_.find(session);
    if (replays == sessions_.end()) return 0;
    const auto is_node = [&](const Replay& each) { return each.node == node; };
    const bool found = std::erase_if(replays->second, is_node) != 0;
    if (replays->second.empty()) sessions_.erase(replays);
    return found ? node : 0;
}

NodeId HistoryReplays::cancel_any(SessionId session) noexcept {
    const auto replays = sessions_.find(session);
    return replays == sessions_.end() ? 0 : cancel(session, replays->second.front().node);
}

std::size_t HistoryReplays::count(SessionId session) const noexcept {
    const auto replays = sessions_.find(session);
    return replays == sessions_.end() ? 0 : replays->second.size();
}

}  // namespace junctor
