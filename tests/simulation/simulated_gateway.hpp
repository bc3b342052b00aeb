#pragma once

#include <memory>
#include <string>
#include <vector>

#include "policy/policy.hpp"
#include "tests/support/fake_host.hpp"
#include "tests/support/model_broker.hpp"
#include "tests/support/test_cluster.hpp"
#include "tests/support/zmq_network.hpp"

namespace junctor {
class Listener;
namespace zeromq {
class Door;
class Zap;
}  // namespace zeromq
}  // namespace junctor

namespace junctor::simulation {

/// One gateway of a world: the kernel on its cores, the connectors in front of it, and the network of its ZeroMQ doors. It ends and begins anew,
/// alone or joined to others by a broker.
class SimulatedGateway {
public:
    static constexpr std::uint16_t publish_port = 5556;
    static constexpr std::uint16_t subscribe_port = 5555;

    /// `broker`: carries messages between this and other gateways, under whose names this one is `name`; null: it is alone.
    SimulatedGateway(test::SeededRandom& random, PolicyPtr policy, std::uint16_t cores, test::ModelBroker* broker = nullptr, std::string name = {});
    ~SimulatedGateway();

    /// `store`: what it stands on; null: everything in memory.
    void start(std::uint64_t seed, test::ModelStore* store);
    /// At once, with whoever is connected.
    void end();

    /// One thing that the doors' network, their descriptors or what they post brings about; false: nothing is due.
    bool move_doors();
    /// Of its cores or doors, as the seed chooses.
    bool step();
    void drain_doors();
    /// The doors alone, while their clients are still there.
    void close_doors();

    test::TestCluster& cluster() noexcept { return *cluster_; }
    const std::string& name() const noexcept { return name_; }

    // For its clients: where they connect, and what is another one after an end.
    const std::unique_ptr<test::TestCluster>& current_cluster() const noexcept { return cluster_; }
    const std::unique_ptr<test::ZmqNetwork>& current_network() const noexcept { return network_; }
    const test::FakeHost& host() const noexcept { return host_; }

private:
    void open_listeners();
    void open_doors();

    test::SeededRandom& random_;
    const PolicyPtr policy_;
    test::ModelBroker* const broker_;
    const std::string name_;
    std::unique_ptr<test::TestCluster> cluster_;
    test::FakeHost host_;
    std::unique_ptr<test::ZmqNetwork> network_;
    std::vector<std::shared_ptr<Listener>> listeners_;
    std::shared_ptr<zeromq::Zap> zap_;
    std::vector<std::shared_ptr<zeromq::Door>> doors_;
};

}  // namespace junctor::simulation
