#include "tests/support/test_cluster.hpp"

#include "core/embedded/embedded_backend.hpp"
#include "policy/recovery.hpp"

namespace junctor::test {

class TestCluster::Post final : public Mailbox {
public:
    Post(TestCluster& cluster, CoreId from) noexcept : cluster_(cluster), from_(from) {}
    void post(CoreId to, Mail&& mail) noexcept override { cluster_.lane(from_, to).mail.push_back(std::move(mail)); }

private:
    TestCluster& cluster_;
    CoreId from_;
};

struct TestCluster::Node {
    Node(TestCluster& cluster, CoreId id, std::uint16_t count)
        : journal(id, cluster.store_),
          timers(cluster.clock.now()),
          sessions(id),
          post(cluster, id),
          core({id, count, cluster.clock, cluster.random_, timers, sessions, post, journal, metrics, cluster.limits}) {}

    Metrics metrics;
    Journal journal;
    std::uint64_t committed = 0;  ///< batches that are durable
    std::uint64_t told = 0;       ///< and of which the core knows
    TimerWheel timers;
    SessionTable sessions;
    Post post;
    Core core;
    std::unique_ptr<PolicyGate> gate;
};

TestCluster::TestCluster(std::uint16_t cores, std::uint64_t seed, PolicyPtr policy, const Limits& limits_in_force, ModelStore* store,
                         Remote remote, HistoryRulesPtr histories)
    : limits(limits_in_force), random_(seed), store_(store) {
    if (!policy) policy = default_policy();
    for (std::uint16_t from = 0; from < cores; ++from)
        for (std::uint16_t to = 0; to < cores; ++to) lanes_.emplace_back().to = to;
    for (std::uint16_t id = 0; id < cores; ++id) {
        cores_.push_back(std::make_unique<Node>(*this, CoreId{id}, cores));
        Node& node = *cores_.back();
        node.gate = std::make_unique<PolicyGate>(node.core, backend_for(node.core, remote), policy);
        share_revocations(*node.gate);
    }
    if (store_) restore(histories);
    else
        for (const std::unique_ptr<Node>& node : cores_) node->gate->router().keep_histories(histories);
    settle();
    if (home_) launch(*home_);
}

void TestCluster::share_revocations(PolicyGate& gate) {
    gate.share(revocations);
    gate.end_everywhere_by([this](const std::optional<RevocationSweep::Whom>& whom) {
        for (const std::unique_ptr<Node>& each : cores_) each->gate->end_revoked(whom);
    });
}

std::unique_ptr<Backend> TestCluster::backend_for(Core& core, Remote& remote) {
    if (remote.gateway.empty()) return std::make_unique<EmbeddedBackend>();
    const CoreId home{static_cast<std::uint16_t>(core.count() - 1)};
    if (core.id() != home) return std::make_unique<BackendLink>(core, BackendLink::Terms{home, remote.backend->traits(), remote.gateway, true});
    const BackendTraits traits = remote.backend->traits();
    auto link = std::make_unique<BackendLink>(core, BackendLink::Terms{home, traits, remote.gateway, true}, std::move(remote.backend));
    home_ = link.get();
    return link;
}

void TestCluster::launch(BackendLink& link) {
    link.launch([this](std::function<void()> task) {
        const std::scoped_lock lock(posted_mutex_);
        posted_.push_back(std::move(task));
    });
}

bool TestCluster::run_posted() {
    std::unique_lock lock(posted_mutex_);
    if (posted_.empty()) return false;
    const std::function<void()> task = std::move(posted_.front());
    posted_.pop_front();
    lock.unlock();
    cores_.back()->core.begin_round();
    task();
    return true;
}

/// As a gateway does that starts: the mail is carried before anybody is let in.
void TestCluster::restore(const HistoryRulesPtr& histories) {
    const auto home_of = [this](TenantId tenant, std::string_view name) { return core().home_of(tenant, name); };
    Recovery recovery(*store_, count(), home_of, {clock.now(), clock.wall()});
    unreadable = recovery.unreadable();
    lost = recovery.lost();
    store_->start(count(), [this](CoreId id, std::uint64_t batches) { cores_[id.value]->committed = batches; });
    for (const std::unique_ptr<Node>& node : cores_) recovery.restore(*node->gate, histories);
    settle();
}

/// First those who may still post: a real backend's threads do until it has gone.
TestCluster::~TestCluster() { cores_.clear(); }

Core& TestCluster::core(std::size_t index) noexcept { return cores_[index]->core; }
PolicyGate& TestCluster::gate(std::size_t index) noexcept { return *cores_[index]->gate; }
Metrics& TestCluster::metrics(std::size_t index) noexcept { return cores_[index]->metrics; }
Journal& TestCluster::journal(std::size_t index) noexcept { return cores_[index]->journal; }

TestCluster::Lane& TestCluster::lane(CoreId from, CoreId to) noexcept { return lanes_[from.value * cores_.size() + to.value]; }

bool TestCluster::step() {
    flush();
    if (home_ && random_.below(2) == 0 && run_posted()) return true;
    std::vector<Lane*> full;
    for (Lane& each : lanes_)
        if (!each.mail.empty()) full.push_back(&each);
    std::vector<Node*> untold;
    for (const std::unique_ptr<Node>& node : cores_)
        if (node->told != node->committed) untold.push_back(node.get());
    if (full.empty() && untold.empty()) return run_posted();
    const std::size_t chosen = random_.below(full.size() + untold.size());
    chosen < full.size() ? carry(*full[chosen]) : tell_committed(*untold[chosen - full.size()]);
    return true;
}

void TestCluster::carry_present() {
    std::vector<std::size_t> present;
    for (const Lane& each : lanes_) present.push_back(each.mail.size());
    for (std::size_t at = 0; at < lanes_.size(); ++at)
        for (; present[at] > 0; --present[at]) carry(lanes_[at]);
}

void TestCluster::carry_all(std::size_t from, std::size_t to) {
    Lane& chosen = lane(CoreId{static_cast<std::uint16_t>(from)}, CoreId{static_cast<std::uint16_t>(to)});
    while (!chosen.mail.empty()) carry(chosen);
}

void TestCluster::carry(Lane& lane) {
    Mail mail = std::move(lane.mail.front());
    lane.mail.pop_front();
    Core& to = cores_[lane.to]->core;
    to.begin_round();
    to.receiver().receive(std::move(mail));
}

void TestCluster::tell_committed(Node& node) {
    node.told = node.committed;
    node.core.begin_round();
    node.journal.committed(node.told);
}

void TestCluster::flush() noexcept {
    for (const std::unique_ptr<Node>& node : cores_) node->journal.flush();
}

void TestCluster::commit() {
    do {
        settle();
    } while (store_ && store_->commit_all() != 0);
}

void TestCluster::settle() {
    while (step()) {
    }
}

void TestCluster::advance(Duration by) {
    pass(by);
    settle();
}

void TestCluster::pass(Duration by) {
    clock.advance(by);
    for (const std::unique_ptr<Node>& node : cores_) {
        node->core.begin_round();
        node->timers.advance(clock.now());
    }
}

std::int64_t TestCluster::total(std::uint16_t cell) const noexcept {
    std::int64_t sum = 0;
    for (const std::unique_ptr<Node>& node : cores_) sum += node->metrics.read(cell);
    return sum;
}

}  // namespace junctor::test
