#include "tests/simulation/simulated_gateway.hpp"

#include "connectors/mqtt/listener.hpp"
#include "connectors/rest/listener.hpp"
#include "connectors/websocket/listener.hpp"
#include "connectors/zeromq/publish_door.hpp"
#include "connectors/zeromq/subscribe_door.hpp"

namespace junctor::simulation {
namespace {

Ref<const websocket::Settings> websocket_settings() {
    Ref<websocket::Settings> settings(new websocket::Settings);
    settings->connector = "websocket";
    return settings;
}

}  // namespace

SimulatedGateway::SimulatedGateway(test::SeededRandom& random, PolicyPtr policy, std::uint16_t cores, test::ModelBroker* broker, std::string name)
    : random_(random), policy_(std::move(policy)), broker_(broker), name_(std::move(name)), host_(cores) {}

SimulatedGateway::~SimulatedGateway() { close_doors(); }

void SimulatedGateway::start(std::uint64_t seed, test::ModelStore* store) {
    test::TestCluster::Remote remote;
    if (broker_) remote = {broker_->backend_for(name_), name_};
    cluster_ = std::make_unique<test::TestCluster>(host_.core_count(), seed, policy_, Limits{}, store, std::move(remote));
    open_listeners();
    open_doors();
}

void SimulatedGateway::drain_doors() {
    for (const auto& door : doors_) door->drain();
    zap_->stop();
}

void SimulatedGateway::close_doors() {
    if (!zap_) return;
    drain_doors();
    while (move_doors()) {
    }
    doors_.clear();
    zap_.reset();
}

/// What serves clients ends before what it stands on.
void SimulatedGateway::end() {
    close_doors();
    listeners_.clear();
    host_.streams.clear();
    host_.http.clear();
    host_.websockets.clear();
    network_.reset();
    cluster_.reset();
}

void SimulatedGateway::open_listeners() {
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

void SimulatedGateway::open_doors() {
    network_ = std::make_unique<test::ZmqNetwork>(random_, cluster_->clock);
    const CoreId home{static_cast<std::uint16_t>(random_.below(host_.core_count()))};
    zeromq::SocketOptions options;
    options.high_water_mark = 4;
    zap_ = std::make_shared<zeromq::Zap>(*network_, host_, home, "zeromq");
    const zeromq::DoorSetup setup{host_, *network_, home, "zeromq", options, std::chrono::minutes(5), true, zap_};
    const auto open = [&](std::shared_ptr<zeromq::Door> door, std::uint16_t port) {
        door->bind({"127.0.0.1", port});
        door->start();
        doors_.push_back(std::move(door));
    };
    open(std::make_shared<zeromq::PublishDoor>(setup), publish_port);
    open(std::make_shared<zeromq::SubscribeDoor>(setup), subscribe_port);
    zap_->start();
}

bool SimulatedGateway::move_doors() {
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

bool SimulatedGateway::step() {
    if (random_.below(2) == 0 && move_doors()) return true;
    return cluster_->step() || move_doors();
}

}  // namespace junctor::simulation
