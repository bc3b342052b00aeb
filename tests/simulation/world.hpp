#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/simulation/client.hpp"
#include "tests/simulation/history.hpp"
#include "tests/simulation/ruled_policy.hpp"
#include "tests/simulation/simulated_gateway.hpp"

namespace junctor::simulation {

/// A whole run: a gateway of one to four cores, or two of them that a broker joins, some clients of each protocol, and everything that may
/// happen to them, in an order that is the seed's and nobody else's.
class World {
public:
    explicit World(std::uint64_t seed);
    ~World();

    /// Runs to the end. What it broke; empty: nothing.
    std::vector<std::string> run();
    const History& history() const noexcept { return history_; }
    /// Messages for a group that went on to another gateway's members.
    std::int64_t passed_on() const noexcept { return passed_on_; }

private:
    void make_gateways();
    void make_clients();
    std::unique_ptr<Client> make_client(std::size_t index);
    void happen();
    void act(Client& client);
    void subscribe(Client& client, Qos qos);
    std::string some_group();
    void desert_group();
    void publish_for_group();
    void disturb(Client& client);
    void change_rules();
    void disturb_process();
    void disturb_broker();
    void join(std::size_t gateway);
    void pass_time();
    void crash(std::size_t gateway);
    void drain(std::size_t gateway);
    bool has_settled(std::size_t gateway);
    void go_on();
    void end_process(std::size_t gateway);
    void fill_disk(bool full);
    bool store_some();
    void note_stored();
    void forgive_fresh_wills();
    void come_to_rest();
    void pass_seconds(int seconds);
    bool move_everything();
    bool step();
    void some_steps();
    void tick();
    /// Where there is a store, the only one.
    SimulatedGateway& gateway() noexcept { return *gateways_.front(); }
    Qos some_qos() { return static_cast<Qos>(random_.below(3)); }
    Client& any_client() { return *clients_[random_.below(clients_.size())]; }

    test::SeededRandom random_;
    History history_;
    Rules first_rules_;
    RuledPolicy policy_;
    std::unique_ptr<test::ModelStore> store_;  ///< null: everything in memory
    std::unique_ptr<test::ModelBroker> broker_;  ///< joins two gateways; null: there is one
    std::vector<std::unique_ptr<SimulatedGateway>> gateways_;
    std::vector<bool> cut_off_;                ///< from the broker, each of them
    std::vector<std::unique_ptr<Client>> clients_;
    Step all_stored_ = 0;  ///< when last everything was durable
    bool faults_;
    bool crashing_ = false;
    std::size_t deserted_ = 0;  ///< the gateway whose members leave their groups
    std::int64_t passed_on_ = 0;
    std::uint64_t seed_;
};

}  // namespace junctor::simulation
