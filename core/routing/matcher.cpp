#include "core/routing/matcher.hpp"

#include <algorithm>

namespace junctor {
namespace {

void put_in_order(std::vector<CoreId>& cores) {
    std::sort(cores.begin(), cores.end());
    cores.erase(std::unique(cores.begin(), cores.end()), cores.end());
}

}  // namespace

void Matcher::fill(MatchEntry& entry) {
    const Topic topic = Topic::trusted(entry.tenant, entry.text, entry.hash);
    entry.history = histories_.rules().keeper_of(topic);
    collect(topic, entry);
    merge(entry, topic);
    write(entry);
}

void Matcher::collect(const Topic& topic, MatchEntry& entry) {
    nodes_.clear();
    candidates_.clear();
    entry.cores.clear();
    entry.durable_cores.clear();
    entry.durable_here = false;
    entry.groups.clear();
    trie_.match(topic, nodes_);
    for (const NodeId node : nodes_) {
        if (trie_.shared(node)) {
            collect_group(node, entry);
            continue;
        }
        subscriptions_.for_each(node, [&](const SubscriptionTable::Subscription& each) {
            if (each.remote()) {
                add_core(each, entry);
            } else {
                candidates_.push_back({each.subscriber, each.subscription_id, each.max_qos, each.no_local, each.retain_as_published});
            }
        });
    }
    put_in_order(entry.cores);
    put_in_order(entry.durable_cores);
    // A session holds a filter once: only several filters can name it twice.
    if (nodes_.size() > 1)
        std::sort(candidates_.begin(), candidates_.end(), [](const Candidate& a, const Candidate& b) { return a.slot < b.slot; });
}

/// At home the group chooses a member; elsewhere the home wants the message, whoever the members are.
void Matcher::collect_group(NodeId node, MatchEntry& entry) {
    if (groups_.leads(node)) {
        entry.groups.push_back(node);
        entry.durable_here |= entry.qos != Qos::at_most_once && trie_.durable_holds(node) > 0;
        return;
    }
    subscriptions_.for_each(node, [&](const SubscriptionTable::Subscription& each) {
        if (each.remote()) add_core(each, entry);
    });
}

void Matcher::add_core(const SubscriptionTable::Subscription& interest, MatchEntry& entry) {
    entry.cores.push_back(interest.core());
    if (interest.durable && entry.qos != Qos::at_most_once) entry.durable_cores.push_back(interest.core());
}

void Matcher::merge(MatchEntry& entry, const Topic& topic) {
    merged_.clear();
    ids_.clear();
    for (auto first = candidates_.begin(); first != candidates_.end();) {
        const auto last = std::find_if(first, candidates_.end(), [&](const Candidate& each) { return each.slot != first->slot; });
        Session& session = *sessions_.at(first->slot);
        if (rule_.may_receive(session, topic)) merge_one(session, {first, last}, entry.qos);
        first = last;
    }
}

void Matcher::merge_one(Session& session, Candidates held, Qos qos) {
    const auto no_local = std::count_if(held.begin(), held.end(), [](const Candidate& each) { return each.no_local; });
    if (no_local == 0) return emit(session, held, true, Destination::When::always, qos);
    emit(session, held, true, Destination::When::not_own, qos);
    if (static_cast<std::size_t>(no_local) < held.size()) emit(session, held, false, Destination::When::only_own, qos);
}

void Matcher::emit(Session& session, Candidates held, bool with_no_local, Destination::When when, Qos qos) {
    SubscribeOptions options;
    const auto first_id = static_cast<std::uint32_t>(ids_.size());
    for (const Candidate& each : held) {
        if (each.no_local && !with_no_local) continue;
        options.max_qos = std::max(options.max_qos, each.max_qos);
        options.retain_as_published |= each.retain_as_published;
        if (each.subscription_id != 0) ids_.push_back(each.subscription_id);
    }
    const auto begin = ids_.begin() + first_id;
    std::sort(begin, ids_.end());
    ids_.erase(std::unique(begin, ids_.end()), ids_.end());
    options.max_qos = std::min(options.max_qos, qos);
    const auto id_count = static_cast<std::uint16_t>(ids_.size() - first_id);
    const Destination destination{&session, session.variant(options), id_count, options.max_qos, when, options.retain_as_published, rule_.sifts()};
    merged_.push_back({destination, first_id});
}

void Matcher::write(MatchEntry& entry) {
    const auto order = [](const Merged& each) { return std::pair(each.destination.variant.family, each.destination.variant.bits); };
    const auto before = [&](const Merged& a, const Merged& b) { return order(a) < order(b); };
    if (!std::is_sorted(merged_.begin(), merged_.end(), before)) std::stable_sort(merged_.begin(), merged_.end(), before);
    entry.destinations.clear();
    entry.subscription_ids.clear();
    entry.destinations.reserve(merged_.size());
    for (const Merged& each : merged_) {
        entry.destinations.push_back(each.destination);
        entry.durable_here |= each.destination.qos != Qos::at_most_once && each.destination.session->durable();
        const auto ids = ids_.begin() + each.first_id;
        entry.subscription_ids.insert(entry.subscription_ids.end(), ids, ids + each.destination.id_count);
    }
}

}  // namespace junctor
