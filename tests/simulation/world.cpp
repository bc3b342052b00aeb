#include "tests/simulation/world.hpp"

#include <array>
#include <utility>

#include "core/routing/routing_metrics.hpp"
#include "tests/simulation/checker/checker.hpp"
#include "tests/simulation/mqtt_client.hpp"
#include "tests/simulation/rest_client.hpp"
#include "tests/simulation/websocket_client.hpp"
#include "tests/simulation/zeromq_client.hpp"
#include "tests/simulation/zmq_client.hpp"

namespace junctor::simulation {
namespace {

constexpr std::array topics{"a", "a/b", "a/c", "b/x", "b/x/y", "secret/1"};
constexpr std::array filters{"a", "a/#", "a/+", "+/b", "#", "b/x", "+/x/#", "secret/#", "+/+", "svc/#"};
constexpr std::array groups{"$share/g/a/#", "$share/h/a/#", "$share/g/+/b", "$share/g/b/x", "$share/g/svc/#"};
constexpr std::array for_groups{"a", "a/b", "b/x"};  ///< the topics of most of them
constexpr std::array prefixes{"", "a", "a/", "a/b", "b/x", "b", "secret/", "svc/1"};
constexpr std::array services{"svc/1", "svc/2"};
constexpr std::array shared_names{"shared-1", "shared-2"};
constexpr std::array principals{"mqtt", "websocket", "rest", "zeromq", "guest"};
constexpr int events = 400;

template <class List>
std::string one_of(test::SeededRandom& random, const List& list) {
    return list[random.below(list.size())];
}

Rules some_rules(test::SeededRandom& random) {
    Rules rules;
    if (random.below(2) == 0) rules.push_back({one_of(random, principals), Verb::receive, "secret/#"});
    if (random.below(3) == 0) rules.push_back({one_of(random, principals), Verb::receive, "a/+"});
    if (random.below(3) == 0) rules.push_back({one_of(random, principals), Verb::publish, "b/#"});
    if (random.below(4) == 0) rules.push_back({one_of(random, principals), Verb::subscribe, one_of(random, filters)});
    if (random.below(6) == 0) rules.push_back({one_of(random, principals), Verb::request, "svc/1"});
    return rules;
}

/// At least once.
BackendTraits broker_traits() {
    BackendTraits traits = test::ModelBroker::all_traits();
    traits.max_qos = Qos::at_least_once;
    return traits;
}

}  // namespace

World::World(std::uint64_t seed)
    : random_(seed),
      first_rules_(some_rules(random_)),
      policy_(first_rules_),
      store_(random_.below(2) == 0 ? std::make_unique<test::ModelStore>() : nullptr),
      broker_(!store_ && random_.below(2) == 0 ? std::make_unique<test::ModelBroker>(seed, broker_traits()) : nullptr),
      faults_(random_.below(4) != 0),
      seed_(seed) {
    history_.rules.push_back({history_.step(), first_rules_});
    make_gateways();
    history_.gateways = gateways_.size();
    if (broker_) history_.most_qos = broker_traits().max_qos;
    make_clients();
}

World::~World() {
    for (const auto& gateway : gateways_) gateway->close_doors();
}

void World::make_gateways() {
    const auto cores = [](std::uint64_t choice) { return static_cast<std::uint16_t>(1 + choice % 4); };
    gateways_.push_back(std::make_unique<SimulatedGateway>(random_, policy_.policy(), cores(seed_), broker_.get(), broker_ ? "left" : "the gateway"));
    if (broker_) gateways_.push_back(std::make_unique<SimulatedGateway>(random_, policy_.policy(), cores(seed_ / 4), broker_.get(), "right"));
    for (const auto& gateway : gateways_) gateway->start(seed_ + history_.now, store_.get());
    cut_off_.resize(gateways_.size());
}

void World::make_clients() {
    const std::size_t count = 3 + random_.below(5);
    for (std::size_t index = 0; index < count; ++index) clients_.push_back(make_client(index));
}

std::unique_ptr<Client> World::make_client(std::size_t index) {
    const std::size_t at = random_.below(gateways_.size());
    SimulatedGateway& home = *gateways_[at];
    const Surroundings around{home.current_cluster(), random_, history_, crashing_, at};
    const std::string number = std::to_string(index);
    switch (random_.below(6)) {
        case 0: return std::make_unique<MqttClient>(around, "mqtt-" + number,
                                                    [&home](Stream& stream) { return home.host().streams.at(0).second(stream); });
        case 1: return std::make_unique<RestClient>(around, "rest-" + number, home.host().http);
        case 2: return std::make_unique<ZeromqClient>(around, "zeromq-" + number);
        case 3: return std::make_unique<PubClient>(around, "pub-" + number, home.current_network(), SimulatedGateway::publish_port);
        case 4: return std::make_unique<SubClient>(around, "sub-" + number, home.current_network(), SimulatedGateway::subscribe_port);
        default: break;
    }
    const auto upgrade = [&home](Stream& stream) { return home.host().websockets.at(0).second.factory(stream, HttpRequest{}); };
    return std::make_unique<WebSocketClient>(around, "websocket-" + number, upgrade);
}

std::vector<std::string> World::run() {
    for (int event = 0; event < events; ++event) happen();
    come_to_rest();
    for (const auto& gateway : gateways_) passed_on_ += gateway->cluster().total(routing_metrics().passed_on);
    return broken_promises(history_);
}

void World::happen() {
    tick();
    const std::size_t dice = random_.below(100);
    if (broker_) some_steps();
    if (broker_ && random_.below(10) == 0) {
        desert_group();
    } else if (dice < 30) {
        step();
    } else if (dice < 35) {
        store_some();
    } else if (dice < 70) {
        any_client().turn();
    } else if (dice < 94 || !faults_) {
        act(any_client());
    } else if (dice < 98) {
        disturb(any_client());
    } else if (dice < 99) {
        if (store_ && random_.below(2) == 0) return disturb_process();
        if (broker_ && random_.below(3) != 0) return disturb_broker();
        pass_time();
    } else {
        change_rules();
    }
}

void World::act(Client& client) {
    if (!client.connected()) {
        const bool shared = random_.below(3) == 0;
        return client.connect(shared ? one_of(random_, shared_names) : random_.below(2) == 0 ? "own-" + std::to_string(history_.now) : "");
    }
    if (!client.ready()) return;
    const Qos qos = some_qos();
    switch (random_.below(10)) {
        case 0:
        case 1:
        case 2: return subscribe(client, qos);
        case 3: static_cast<void>(client.unsubscribe()); return;
        case 4: static_cast<void>(client.request(one_of(random_, services))); return;
        case 5: static_cast<void>(client.send(one_of(random_, topics))); return;
        default: break;
    }
    static_cast<void>(client.publish(one_of(random_, topics), qos, random_.below(5) == 0));
}

void World::subscribe(Client& client, Qos qos) {
    switch (client.interest()) {
        case Client::Interest::none: return;
        case Client::Interest::prefixes: return client.subscribe(one_of(random_, prefixes), qos);
        case Client::Interest::filters: break;
    }
    client.subscribe(random_.below(broker_ ? 2 : 4) == 0 ? some_group() : one_of(random_, filters), qos);
}

/// Between gateways there is one that many are in.
std::string World::some_group() { return broker_ && random_.below(2) == 0 ? groups[0] : one_of(random_, groups); }

/// Somebody leaves a group while messages for it are on their way: the broker may have chosen that gateway for them, where nobody else is in it. Those of
/// the other gateway stay until all is at rest.
void World::desert_group() {
    publish_for_group();
    some_steps();
    const std::size_t first = random_.below(clients_.size());
    for (std::size_t count = 0; count < clients_.size(); ++count) {
        Client& client = *clients_[(first + count) % clients_.size()];
        if (client.at(gateways_[deserted_]->cluster()) && client.connected() && client.ready() && client.leave_group()) break;
    }
    publish_for_group();
}

void World::publish_for_group() {
    Client& client = any_client();
    if (client.connected() && client.ready()) static_cast<void>(client.publish(one_of(random_, for_groups), some_qos(), false));
}

void World::disturb(Client& client) {
    if (random_.below(3) == 0) client.cut();
    else client.stall(!client.stalled());
}

void World::disturb_process() {
    switch (random_.below(4)) {
        case 0: return crash(0);
        case 1: return drain(0);
        default: return fill_disk(store_->accepts());
    }
}

/// A gateway loses the broker, or has it back, or dies, or ends in order.
void World::disturb_broker() {
    const std::size_t at = random_.below(gateways_.size());
    const std::size_t dice = random_.below(8);
    if (dice == 0) return crash(at);
    if (dice == 1) return drain(at);
    if (cut_off_[at]) return join(at);
    cut_off_[at] = true;
    history_.faults.push_back({history_.step(), gateways_[at]->name() + " loses the broker", false, false, true, at});
    broker_->cut(gateways_[at]->name());
}

void World::join(std::size_t at) {
    if (!cut_off_[at]) return;
    cut_off_[at] = false;
    history_.faults.push_back({history_.step(), gateways_[at]->name() + " has the broker again", false, false, false, at});
    broker_->join(gateways_[at]->name());
}

void World::pass_time() {
    constexpr std::array jumps{Duration(std::chrono::milliseconds(1)), Duration(std::chrono::seconds(1)), Duration(std::chrono::seconds(10)),
                               Duration(std::chrono::minutes(2)), Duration(std::chrono::hours(1))};
    const Duration jump = jumps[random_.below(jumps.size())];
    for (const auto& gateway : gateways_) gateway->cluster().pass(jump);
}

bool World::store_some() {
    if (!store_) return step();
    gateway().cluster().flush();
    const bool stored = store_->commit_some(random_) > 0;
    note_stored();
    return stored;
}

void World::note_stored() {
    gateway().cluster().flush();
    if (!store_->waiting()) all_stored_ = history_.now;
}

/// Nobody is told that a will is on disk: one whose connection is so new that it may not have been is lost with the process. Nor that it has gone: one
/// that has may go again.
void World::forgive_fresh_wills() {
    for (Publication& each : history_.publications) {
        if (!each.will) continue;
        if (each.left >= all_stored_) each.acknowledged = 0;
        if (each.sent >= all_stored_) each.forgotten = history_.step();
    }
}

void World::fill_disk(bool full) {
    if (full != store_->accepts()) return;
    history_.faults.push_back({history_.step(), full ? "the disk is full" : "the disk has room", false});
    store_->refuse(full);
}

/// The process dies: what was durable by then is all that the next one finds.
void World::crash(std::size_t at) {
    history_.faults.push_back({history_.step(), gateways_[at]->name() + " dies", true, false, broker_ != nullptr, at});
    end_process(at);
}

void World::end_process(std::size_t at) {
    SimulatedGateway& ending = *gateways_[at];
    test::ModelStore::Records durable;
    if (store_) durable = std::move(*store_).crash();
    crashing_ = true;
    std::vector<Client*> its_clients;
    for (const auto& client : clients_)
        if (client->at(ending.cluster())) its_clients.push_back(client.get());
    for (Client* client : its_clients) client->cut();
    for (Client* client : its_clients)
        while (client->turn()) {
        }
    crashing_ = false;
    passed_on_ += ending.cluster().total(routing_metrics().passed_on);
    ending.end();
    if (store_) {
        forgive_fresh_wills();
        store_ = std::make_unique<test::ModelStore>(std::move(durable));
    } else {
        for (Client* client : its_clients) client->forgotten();
    }
    ending.start(seed_ + history_.now, store_.get());
    cut_off_[at] = false;
}

/// The process is asked to end, and does so in the order of `Application::drain` while its clients go on.
void World::drain(std::size_t at) {
    if (store_) fill_disk(false);
    join(at);
    for (const auto& client : clients_) client->stall(false);
    history_.faults.push_back({history_.step(), gateways_[at]->name() + " is asked to end", false, true, false, at});
    std::vector<std::function<void()>> steps;
    test::TestCluster& cluster = gateways_[at]->cluster();
    for (std::size_t core = 0; core < cluster.count(); ++core) steps.emplace_back([&cluster, core] { cluster.gate(core).drain(); });
    for (int times = 0; times < 3; ++times) steps.emplace_back([&cluster] { cluster.carry_present(); });
    steps.emplace_back([this, at] { gateways_[at]->drain_doors(); });
    for (std::size_t core = 0; core < cluster.count(); ++core)
        steps.emplace_back([this, &cluster, core] {
            for (const auto& client : clients_)
                if (client->at(cluster)) client->drain(core);
        });
    for (const auto& step : steps) {
        go_on();
        step();
    }
    if (broker_) {
        while (!has_settled(at)) some_steps();
    } else {
        while (move_everything()) {
        }
    }
    history_.faults.push_back({history_.step(), gateways_[at]->name() + " ends", true, false, broker_ != nullptr, at, true});
    end_process(at);
}

/// As `Backbone::settle` waits for it, when its clients have gone.
bool World::has_settled(std::size_t at) {
    bool moved = false;
    while (gateways_[at]->move_doors()) moved = true;
    test::TestCluster& cluster = gateways_[at]->cluster();
    for (const auto& client : clients_)
        if (client->at(cluster) && client->turn()) moved = true;
    for (int times = 0; times < 4; ++times) cluster.carry_present();
    return !moved && cluster.settled();
}

/// What happens meanwhile; nobody new gets in.
void World::go_on() {
    for (std::size_t left = random_.below(20); left > 0; --left) {
        tick();
        switch (random_.below(5)) {
            case 0: store_some(); break;
            case 1: any_client().turn(); break;
            case 2:
                if (Client& client = any_client(); client.connected()) act(client);
                break;
            default: step();
        }
    }
}

// What waits for a client that does not read, or for the disk, was judged when it was written for it: only at rest is the moment of a change clear.
void World::change_rules() {
    if (store_) fill_disk(false);
    for (std::size_t at = 0; at < gateways_.size(); ++at) join(at);
    for (const auto& client : clients_) client->stall(false);
    pass_seconds(3);  // a will that its backend was away for is tried again every second, and judged then
    Rules rules = some_rules(random_);
    policy_.change(rules);
    history_.rules.push_back({history_.step(), std::move(rules)});
    deserted_ = random_.below(gateways_.size());
}

void World::tick() {
    for (const auto& gateway : gateways_) gateway->cluster().clock.advance(Duration(1));  // who writes later has a later time
}

/// Between gateways everything takes more of them; else hardly anybody would have subscribed before all is at rest.
void World::some_steps() {
    for (std::size_t left = random_.below(12); left > 0; --left) random_.below(2) == 0 ? step() : any_client().turn();
}

/// One thing in some gateway, or between them.
bool World::step() {
    const std::size_t first = random_.below(gateways_.size() + 1);
    for (std::size_t count = 0; count <= gateways_.size(); ++count) {
        const std::size_t at = (first + count) % (gateways_.size() + 1);
        if (at == gateways_.size() ? broker_ && broker_->step() : gateways_[at]->step()) return true;
    }
    return false;
}

bool World::move_everything() {
    bool moved = false;
    while (step()) moved = true;
    if (store_ && store_->commit_all() > 0) moved = true;
    if (store_) note_stored();
    for (const auto& client : clients_)
        while (client->turn()) moved = true;
    return moved;
}

/// In the end everybody who has a session is there to get what waits in it.
void World::come_to_rest() {
    if (store_) fill_disk(false);
    for (std::size_t at = 0; at < gateways_.size(); ++at) join(at);
    for (const auto& client : clients_) client->stall(false);
    for (int attempt = 0; attempt < 20; ++attempt) {  // a will may be refused, and its client with it
        while (move_everything()) {
        }
        for (const auto& client : clients_)
            if (!client->connected() && client->awaited()) client->connect("");
    }
    pass_seconds(10);
}

/// So many, and everything that happens before, between and behind them.
void World::pass_seconds(int seconds) {
    for (int passed = 0;; ++passed) {
        while (move_everything()) {
        }
        if (passed == seconds) return;
        for (const auto& gateway : gateways_) gateway->cluster().pass(std::chrono::seconds(1));
    }
}

}  // namespace junctor::simulation
