#include "tests/simulation/world.hpp"

#include <array>

#include "connectors/mqtt/listener.hpp"
#include "connectors/rest/listener.hpp"
#include "connectors/websocket/listener.hpp"
#include "tests/simulation/checker.hpp"
#include "tests/simulation/mqtt_client.hpp"
#include "tests/simulation/rest_client.hpp"
#include "tests/simulation/websocket_client.hpp"
#include "tests/simulation/zeromq_client.hpp"

namespace junctor::simulation {
namespace {

constexpr std::array topics{"a", "a/b", "a/c", "b/x", "b/x/y", "secret/1"};
constexpr std::array filters{"a", "a/#", "a/+", "+/b", "#", "b/x", "+/x/#", "secret/#", "+/+", "svc/#"};
constexpr std::array services{"svc/1", "svc/2"};
constexpr std::array shared_names{"shared-1", "shared-2"};
constexpr std::array principals{"mqtt", "websocket", "rest", "zeromq"};
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
      cluster_(static_cast<std::uint16_t>(1 + seed % 4), seed, policy_.policy()),
      host_(cluster_.count()),
      faults_(random_.below(4) != 0) {
    history_.rules.push_back({history_.step(), first_rules_});
    open_listeners();
    make_clients();
}

World::~World() = default;

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

void World::make_clients() {
    const std::size_t count = 3 + random_.below(5);
    for (std::size_t index = 0; index < count; ++index) clients_.push_back(make_client(index));
}

std::unique_ptr<Client> World::make_client(std::size_t index) {
    const Surroundings around{cluster_, random_, history_};
    const std::string number = std::to_string(index);
    switch (random_.below(4)) {
        case 0: return std::make_unique<MqttClient>(around, "mqtt-" + number, host_.streams.at(0).second);
        case 1: return std::make_unique<RestClient>(around, "rest-" + number, host_.http);
        case 2: return std::make_unique<ZeromqClient>(around, "zeromq-" + number);
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
    const std::size_t dice = random_.below(100);
    if (dice < 35) {
        cluster_.step();
    } else if (dice < 70) {
        any_client().turn();
    } else if (dice < 94 || !faults_) {
        act(any_client());
    } else if (dice < 98) {
        disturb(any_client());
    } else if (dice < 99) {
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
        case 2: return client.subscribe(one_of(random_, filters), qos);
        case 3: static_cast<void>(client.unsubscribe()); return;
        case 4: static_cast<void>(client.request(one_of(random_, services))); return;
        case 5: static_cast<void>(client.send(one_of(random_, topics))); return;
        default: break;
    }
    client.publish(one_of(random_, topics), qos, random_.below(5) == 0);
}

void World::disturb(Client& client) {
    if (random_.below(3) == 0) client.cut();
    else client.stall(!client.stalled());
}

void World::pass_time() {
    constexpr std::array jumps{Duration(std::chrono::milliseconds(1)), Duration(std::chrono::seconds(1)), Duration(std::chrono::seconds(10)),
                               Duration(std::chrono::minutes(2)), Duration(std::chrono::hours(1))};
    cluster_.pass(jumps[random_.below(jumps.size())]);
}

// What waits for a client that does not read was judged when it was written for it: only then is the moment of a change clear.
void World::change_rules() {
    for (const auto& client : clients_) client->stall(false);
    while (move_everything()) {
    }
    Rules rules = some_rules(random_);
    policy_.change(rules);
    history_.rules.push_back({history_.step(), std::move(rules)});
}

bool World::move_everything() {
    bool moved = false;
    while (cluster_.step()) moved = true;
    for (const auto& client : clients_)
        while (client->turn()) moved = true;
    return moved;
}

void World::come_to_rest() {
    for (const auto& client : clients_) client->stall(false);
    for (int round = 0; round < 10; ++round) {
        while (move_everything()) {
        }
        cluster_.pass(std::chrono::seconds(1));
    }
}

}  // namespace junctor::simulation
