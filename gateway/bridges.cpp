#include "gateway/bridges.hpp"

#include <algorithm>

#include "core/model/hop_path.hpp"
#include "core/model/topic_cover.hpp"
#include "core/observe/log.hpp"
#include "core/runtime/event_loop.hpp"
#include "core/runtime/runtime.hpp"
#include "gateway/setup_problems.hpp"

namespace junctor {

namespace {

BridgeRule rule_of(const config::Section& section) {
    const Result<TopicFilter> filter = TopicFilter::parse({}, section.text("filter"));
    if (!filter || filter->shared() || filter->text().starts_with('$'))
        throw SetupError(section.where("filter") + ": no filter that a bridge can carry: " + section.text("filter"));
    BridgeRule rule{*filter, {}, {}, section.text("qos") == "0" ? Qos::at_most_once : Qos::at_least_once};
    if (section.has("strip")) rule.strip = section.text("strip");
    if (!rule.carries_any()) throw SetupError(section.where("strip") + ": no topic of '" + filter->text() + "' begins with '" + rule.strip + "': nothing would be carried");
    if (section.has("add")) rule.add = section.text("add");
    const std::string probe = rule.add + "x";
    if (!Topic::parse({}, probe) || probe.starts_with('$')) throw SetupError(section.where("add") + ": not the beginning of a topic: " + rule.add);
    return rule;
}

std::vector<BridgeRule> rules_of(const std::vector<config::Section>& sections) {
    std::vector<BridgeRule> rules;
    for (const config::Section& each : sections) rules.push_back(rule_of(each));
    return rules;
}

/// What goes out by a rule and would come in by another, or the other way round, where nothing in a message says where it has been.
void require_no_loop(const BridgeEntry& entry, const Bridge::Terms& terms, const BackendTraits& traits) {
    if (traits.headers) return;
    for (const BridgeRule& out : terms.out)
        for (const BridgeRule& in : terms.in)
            if (overlap(out.filter, in.filter))
                throw SetupError(entry.section.where("in") + ": '" + in.filter.text() + "' and '" + out.filter.text() +
                                 "' under 'out' overlap, and this wire cannot say where a message has been: it would go round");
}

std::unique_ptr<Backend> make_remote(const BridgeEntry& entry, const std::vector<Descriptor>& descriptors, const Limits& limits) {
    for (const Descriptor& descriptor : descriptors)
        if (descriptor.name == entry.type && descriptor.make_backend) return descriptor.make_backend(entry.section, limits);
    throw SetupError("this build has no bridge to '" + entry.type + "'");
}

/// Where no name is given, gateways that reach the same server by the same address call it the same.
std::string peer_of(const BridgeEntry& entry) {
    if (entry.section.has("peer")) {
        const std::string& peer = entry.section.text("peer");
        if (peer.empty() || hop_name(peer) != peer)
            throw SetupError(entry.section.where("peer") + ": a name has up to 64 letters, digits, '.', '-', '_' and ':', not '" + peer + "'");
        return peer;
    }
    const std::string& url = entry.section.text("url");
    const std::size_t host = url.find("://");
    return hop_name(host == url.npos ? url : url.substr(host + 3));
}

}  // namespace

Bridges::Bridges(const Configuration& configuration, const std::vector<Descriptor>& descriptors, SetupProblems& problems)
    : count_(configuration.bridges.size()) {
    for (const BridgeEntry& entry : configuration.bridges) {
        if (!entry.section.sound()) continue;
        problems.attempt(entry.section.where(), [&] {
            planned_.push_back(plan(entry, descriptors, configuration.limits));
            if (std::optional<BackendDoor> door = planned_.back().remote->door()) doors_.push_back({"bridge " + entry.name, std::move(*door), entry.door_tls});
        });
    }
}

Bridges::~Bridges() = default;

Bridges::Planned Bridges::plan(const BridgeEntry& entry, const std::vector<Descriptor>& descriptors, const Limits& limits) const {
    Planned planned{entry.section.where(), {}, make_remote(entry, descriptors, limits)};
    planned.terms.name = entry.name;
    planned.terms.peer = peer_of(entry);
    planned.terms.out = rules_of(entry.section.sections("out"));
    planned.terms.in = rules_of(entry.section.sections("in"));
    if (planned.terms.out.empty() && planned.terms.in.empty()) throw SetupError("the bridge '" + entry.name + "' carries nothing: write 'in' or 'out'");
    require_no_loop(entry, planned.terms, planned.remote->traits());
    return planned;
}

void Bridges::open(Runtime& runtime, SetupProblems& problems) {
    for (const Planned& planned : planned_)
        problems.attempt(planned.where, [&] {
            owners_.push_back(runtime.set_owner("the bridge '" + planned.terms.name + "'"));
            planned.remote->open(runtime.host());
        });
}

void Bridges::start(Runtime& runtime, const std::string& gateway, bool lasting, Outbound& outbound) {
    for (Planned& planned : planned_) {
        planned.terms.gateway = gateway;
        planned.terms.lasting = lasting;
        Core& any = runtime.loop({0}).core();
        EventLoop& loop = runtime.loop(any.home_of(TenantId{}, Bridge::session_name(planned.terms.name)));
        const std::string name = planned.terms.name;
        running_.push_back(std::make_shared<Bridge>(loop.core(), std::move(planned.terms), std::move(planned.remote)));
        const auto post = [&loop](std::function<void()> task) { loop.post([task = std::move(task)](Core&) { task(); }); };
        loop.post([bridge = running_.back().get(), post, name, &outbound](Core&) {
            if (const Result<void> opened = bridge->open(post, &outbound); !opened)
                log_error("bridge", "the policy does not let a bridge be: give its principal the right 'bridge'",
                          {{"name", name}, {"principal", Bridge::session_name(name)}});
        });
    }
    planned_.clear();
}

}  // namespace junctor
