#include "tests/support/test_cluster.hpp"

#include "core/embedded/embedded_backend.hpp"

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
        : timers(cluster.clock.now()),
          sessions(id),
          post(cluster, id),
          core({id, count, cluster.clock, cluster.random_, timers, sessions, post, metrics, cluster.limits}) {}

    Metrics metrics;
    TimerWheel timers;
    SessionTable sessions;
    Post post;
    Core core;
    std::unique_ptr<PolicyGate> gate;
};

TestCluster::TestCluster(std::uint16_t cores, std::uint64_t seed, PolicyPtr policy, const Limits& limits_in_force)
    : limits(limits_in_force), random_(seed) {
    if (!policy) policy = default_policy();
    for (std::uint16_t from = 0; from < cores; ++from)
        for (std::uint16_t to = 0; to < cores; ++to) lanes_.emplace_back().to = to;
    for (std::uint16_t id = 0; id < cores; ++id) {
        cores_.push_back(std::make_unique<Node>(*this, CoreId{id}, cores));
        Node& node = *cores_.back();
        node.gate = std::make_unique<PolicyGate>(node.core, std::make_unique<EmbeddedBackend>(), policy);
    }
}

TestCluster::~TestCluster() = default;

Core& TestCluster::core(std::size_t index) noexcept { return cores_[index]->core; }
PolicyGate& TestCluster::gate(std::size_t index) noexcept { return *cores_[index]->gate; }
Metrics& TestCluster::metrics(std::size_t index) noexcept { return cores_[index]->metrics; }

TestCluster::Lane& TestCluster::lane(CoreId from, CoreId to) noexcept { return lanes_[from.value * cores_.size() + to.value]; }

bool TestCluster::step() {
    std::vector<Lane*> full;
    for (Lane& each : lanes_)
        if (!each.mail.empty()) full.push_back(&each);
    if (full.empty()) return false;
    Lane& chosen = *full[random_.below(full.size())];
    Mail mail = std::move(chosen.mail.front());
    chosen.mail.pop_front();
    Core& to = cores_[chosen.to]->core;
    to.begin_round();
    to.receiver().receive(std::move(mail));
    return true;
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
