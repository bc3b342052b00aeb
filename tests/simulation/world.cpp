#include "tests/simulation/world.hpp"

#include <array>
#include <utility>

#include "connectors/mqtt/listener.hpp"
#include "connectors/rest/listener.hpp"
#include "connectors/websocket/listener.hpp"
#include "connectors/zeromq/publish_door.hpp"
#include "connectors/zeromq/subscribe_door.hpp"
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
constexpr std::array prefixes{"", "a", "a/", "a/b", "b/x", "b", "secret/", "svc/1"};
constexpr std::array services{"svc/1", "svc/2"};
constexpr std::array shared_names{"shared-1", "shared-2"};
constexpr std::array principals{"mqtt", "websocket", "rest", "zeromq", "guest"};
constexpr std::uint16_t publish_port = 5556;
constexpr std::uint16_t subscribe_port = 5555;
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

Ref<const websocket::Settings> websocket_settings() {
    Ref<websocket::Settings> settings(new websocket::Settings);
    settings->connector = "websocket";
    return settings;
}

}  // namespace

World::World(std::uint64_t seed)
    : random_(seed),
      first_rules_(some_rules(random_)),
      policy_(first_rules_),
      store_(random_.below(2) == 0 ? std::make_unique<test::ModelStore>() : nullptr),
      host_(static_cast<std::uint16_t>(1 + seed % 4)),
      faults_(random_.below(4) != 0),
      seed_(seed) {
    history_.rules.push_back({history_.step(), first_rules_});
    start_gateway();
    make_clients();
}

void World::start_gateway() {
    cluster_ = std::make_unique<test::TestCluster>(host_.core_count(), seed_ + history_.now, policy_.policy(), Limits{}, store_.get());
    open_listeners();
    open_doors();
}

World::~World() { close_doors(); }

void World::drain_doors() {
    for (const auto& door : doors_) door->drain();
    zap_->stop();
}

void World::close_doors() {
    drain_doors();
    while (move_doors()) {
    }
    doors_.clear();
    zap_.reset();
}

/// What serves clients ends before what it stands on.
void World::end_gateway() {
    close_doors();
    listeners_.clear();
    host_.streams.clear();
    host_.http.clear();
    host_.websockets.clear();
    network_.reset();
    cluster_.reset();
}

void World::open_listeners() {
    const Address address{"127.0.0.1", 8080};
    rest::Settings settings;
    settings.name = "rest";
    settings.address = address;
    settings.path = "/v1";
    listeners_.push_back(std::make_shared<mqtt::MqttListener>(mqtt::MqttListener::Options{.address = {"127.0.0.1", 1883}, .path = {}, .origins = {}},
                                                              Ref<const mqtt::Settings>(new mqtt::Settings("mqtt"))));
    listeners_.push_back(std::make_shared<rest::RestListener>(settings));
    listeners_.push_back(std::make_shared<websocket::WebSocketListener>(
        websocket::WebSocketListener::Options{.address = address, .path = "/ws", .origins = {}}, websocket_settings()));
    for (const auto& listener : listeners_) listener->open(host_);
}

void World::open_doors() {
    network_ = std::make_unique<test::ZmqNetwork>(random_, cluster_->clock);
    const CoreId home{static_cast<std::uint16_t>(random_.below(host_.core_count()))};
    zeromq::SocketOptions options;
    options.high_water_mark = 4;
    zap_ = std::make_shared<zeromq::Zap>(*network_, host_, home, "zeromq");
    zap_->start();
    const zeromq::DoorSetup setup{host_, *network_, home, "zeromq", options, std::chrono::minutes(5), true, zap_};
    const auto open = [&](std::shared_ptr<zeromq::Door> door, std::uint16_t port) {
        door->bind({"127.0.0.1", port});
        door->start();
        doors_.push_back(std::move(door));
    };
    open(std::make_shared<zeromq::PublishDoor>(setup), publish_port);
    open(std::make_shared<zeromq::SubscribeDoor>(setup), subscribe_port);
}

void World::make_clients() {
    const std::size_t count = 3 + random_.below(5);
    for (std::size_t index = 0; index < count; ++index) clients_.push_back(make_client(index));
}

std::unique_ptr<Client> World::make_client(std::size_t index) {
    const Surroundings around{cluster_, random_, history_, crashing_};
    const std::string number = std::to_string(index);
    switch (random_.below(6)) {
        case 0: return std::make_unique<MqttClient>(around, "mqtt-" + number,
                                                    [this](Stream& stream) { return host_.streams.at(0).second(stream); });
        case 1: return std::make_unique<RestClient>(around, "rest-" + number, host_.http);
        case 2: return std::make_unique<ZeromqClient>(around, "zeromq-" + number);
        case 3: return std::make_unique<PubClient>(around, "pub-" + number, network_, publish_port);
        case 4: return std::make_unique<SubClient>(around, "sub-" + number, network_, subscribe_port);
        default: break;
    }
    const auto upgrade = [this](Stream& stream) { return host_.websockets.at(0).second.factory(stream, HttpRequest{}); };
    return std::make_unique<WebSocketClient>(around, "websocket-" + number, upgrade);
}

std::vector<std::string> World::run() {
    for (int event = 0; event < events; ++event) happen();
    come_to_rest();
    return broken_promises(history_);
}

void World::happen() {
    cluster_->clock.advance(Duration(1));  // who writes later has a later time
    const std::size_t dice = random_.below(100);
    if (dice < 30) {
        if (random_.below(2) == 0 || !move_doors()) cluster_->step();
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
    const auto qos = static_cast<Qos>(random_.below(3));
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
    client.subscribe(random_.below(4) == 0 ? one_of(random_, groups) : one_of(random_, filters), qos);
}

void World::disturb(Client& client) {
    if (random_.below(3) == 0) client.cut();
    else client.stall(!client.stalled());
}

void World::disturb_process() {
    switch (random_.below(4)) {
        case 0: return crash();
        case 1: return drain();
        default: return fill_disk(store_->accepts());
    }
}

void World::pass_time() {
    constexpr std::array jumps{Duration(std::chrono::milliseconds(1)), Duration(std::chrono::seconds(1)), Duration(std::chrono::seconds(10)),
                               Duration(std::chrono::minutes(2)), Duration(std::chrono::hours(1))};
    cluster_->pass(jumps[random_.below(jumps.size())]);
}

bool World::store_some() {
    if (!store_) return cluster_->step();
    cluster_->flush();
    const bool stored = store_->commit_some(random_) > 0;
    note_stored();
    return stored;
}

void World::note_stored() {
    cluster_->flush();
    if (!store_->waiting()) all_stored_ = history_.now;
}

/// Nobody is told that a will is on disk: one whose connection is so new that it may not have been is lost with the process.
void World::forgive_fresh_wills() {
    for (Publication& each : history_.publications)
        if (each.will && each.left >= all_stored_) each.acknowledged = 0;
}

void World::fill_disk(bool full) {
    if (full != store_->accepts()) return;
    history_.faults.push_back({history_.step(), full ? "the disk is full" : "the disk has room", false});
    store_->refuse(full);
}

/// The process dies: what was durable by then is all that the next one finds.
void World::crash() {
    history_.faults.push_back({history_.step(), "the process dies", true});
    end_process();
}

void World::end_process() {
    test::ModelStore::Records durable = std::move(*store_).crash();
    crashing_ = true;
    for (const auto& client : clients_) client->cut();
    for (const auto& client : clients_)
        while (client->turn()) {
        }
    crashing_ = false;
    end_gateway();
    forgive_fresh_wills();
    store_ = std::make_unique<test::ModelStore>(std::move(durable));
    start_gateway();
}

/// The process is asked to end, and does so in the order of `Application::drain` while its clients go on.
void World::drain() {
    fill_disk(false);
    for (const auto& client : clients_) client->stall(false);
    history_.faults.push_back({history_.step(), "the process is asked to end", false, true});
    std::vector<std::function<void()>> steps;
    for (std::size_t core = 0; core < cluster_->count(); ++core) steps.emplace_back([this, core] { cluster_->gate(core).drain(); });
    for (int times = 0; times < 3; ++times) steps.emplace_back([this] { cluster_->carry_present(); });
    steps.emplace_back([this] { drain_doors(); });
    for (std::size_t core = 0; core < cluster_->count(); ++core)
        steps.emplace_back([this, core] {
            for (const auto& client : clients_) client->drain(core);
        });
    for (const auto& step : steps) {
        go_on();
        step();
    }
    while (move_everything()) {
    }
    history_.faults.push_back({history_.step(), "the process ends", true});
    end_process();
}

/// What happens meanwhile; nobody new gets in.
void World::go_on() {
    for (std::size_t left = random_.below(20); left > 0; --left) {
        cluster_->clock.advance(Duration(1));
        switch (random_.below(5)) {
            case 0: store_some(); break;
            case 1: any_client().turn(); break;
            case 2:
                if (Client& client = any_client(); client.connected()) act(client);
                break;
            default:
                if (random_.below(2) == 0 || !move_doors()) cluster_->step();
        }
    }
}

// What waits for a client that does not read, or for the disk, was judged when it was written for it: only at rest is the moment of a change clear.
void World::change_rules() {
    if (store_) fill_disk(false);
    for (const auto& client : clients_) client->stall(false);
    while (move_everything()) {
    }
    Rules rules = some_rules(random_);
    policy_.change(rules);
    history_.rules.push_back({history_.step(), std::move(rules)});
}

/// One thing that the doors' network, their descriptors or what they post brings about.
bool World::move_doors() {
    if (random_.below(3) == 0 && network_->step()) return true;
    std::vector<const test::FakeHost::Watched*> readable;
    for (const auto& watched : host_.watches)
        if (network_->signalled(watched.descriptor)) readable.push_back(&watched);
    const std::size_t posted = host_.posted.empty() ? 0 : 1;  // all to the doors' core, in order
    if (readable.size() + posted == 0) return network_->step();
    const std::size_t chosen = random_.below(readable.size() + posted);
    if (chosen == readable.size()) {
        const auto [core, task] = std::move(host_.posted.front());
        host_.posted.pop_front();
        cluster_->core(core.value).begin_round();
        task(cluster_->core(core.value));
        return true;
    }
    cluster_->core(readable[chosen]->core.value).begin_round();
    const std::function<void()> tell = readable[chosen]->readable;
    tell();
    return true;
}

bool World::move_everything() {
    bool moved = false;
    while (cluster_->step() || move_doors()) moved = true;
    if (store_ && store_->commit_all() > 0) moved = true;
    if (store_) note_stored();
    for (const auto& client : clients_)
        while (client->turn()) moved = true;
    return moved;
}

/// In the end everybody who has a session is there to get what waits in it.
void World::come_to_rest() {
    if (store_) fill_disk(false);
    for (const auto& client : clients_) client->stall(false);
    for (int attempt = 0; attempt < 20; ++attempt) {  // a will may be refused, and its client with it
        while (move_everything()) {
        }
        for (const auto& client : clients_)
            if (!client->connected() && client->awaited()) client->connect("");
    }
    for (int round = 0; round < 10; ++round) {
        while (move_everything()) {
        }
        cluster_->pass(std::chrono::seconds(1));
    }
}

}  // namespace junctor::simulation
