#include "tests/conformance/backend/brokered_gateways.hpp"

#include <chrono>
#include <thread>

#include "connectors/matrix/backend.hpp"
#include "connectors/mqtt/backend.hpp"
#include "connectors/vertx/backend.hpp"
#include "core/ports/http.hpp"
#include "tests/conformance/backend/broker_process.hpp"
#include "tests/conformance/backend/hivemq_process.hpp"
#include "tests/conformance/backend/pushing_synapse.hpp"
#include "tests/conformance/backend/synapse_process.hpp"
#include "tests/conformance/backend/tcp_gate.hpp"
#include "tests/conformance/backend/vertx_process.hpp"

namespace junctor::test {
namespace {

using std::chrono::steady_clock;
constexpr std::chrono::seconds patience{30};

/// How a gateway of that name reaches the server, through this port of loopback.
template <class Server>
using MakeBackend = std::function<std::unique_ptr<Backend>(const Server&, std::uint16_t port, const std::string& gateway)>;

/// Joined by a real server. The gateways run on virtual time that keeps pace with the real one.
template <class Server>
class Brokered final : public JoinedGateways {
public:
    explicit Brokered(MakeBackend<Server> make_backend) : make_backend_(std::move(make_backend)), gateways_{make("alpha", 1, 0), make("beta", 3, 1)} {
        const bool there = until([this] { return available(0) && available(1); });
        if (!there) throw std::runtime_error("the gateways do not reach the broker");
        for (std::size_t i = 0; i < 2; ++i) {
            observers_[i] = std::make_unique<FakeClient>(*gateways_[i]);
            observers_[i]->subscribe("observed", best());
        }
        until([this] { return (*observers_[0])->settlements.size() + (*observers_[1])->settlements.size() == 2; });
    }
    ~Brokered() override {
        for (auto& each : observers_) each.reset();
    }

    BackendTraits traits() const override { return make_backend_(server_, 1, "alpha")->traits(); }
    bool counts_receivers() const override { return false; }  // Paho keeps the broker's 0x10 to itself, Vert.x says nothing
    TestCluster& gateway(std::size_t index) override { return *gateways_.at(index); }
    bool until(const std::function<bool()>& done) override {
        const auto deadline = steady_clock::now() + patience;
        while (!done()) {
            if (steady_clock::now() > deadline) return false;
            if (!step()) std::this_thread::sleep_for(std::chrono::microseconds(200));  // the broker has the ball
        }
        return true;
    }
    bool cut(std::size_t index) override {
        gates_[index].close();
        until([&] { return !available(index); });
        return true;
    }
    void join(std::size_t index) override {
        gates_[index].open();
        until([&] { return available(index); });
    }
    /// What was under way comes before what each now tells both, and again for what that has brought about.
    void settle() override {
        for (int round = 0; round < 2; ++round) {
            const std::string text = std::to_string(++rounds_);
            std::size_t there = 0;
            for (std::size_t i = 0; i < 2; ++i) there += available(i);
            for (std::size_t i = 0; i < 2; ++i)
                if (available(i)) observers_[i]->publish("observed", text, best(), rounds_);
            for (std::size_t i = 0; i < 2; ++i)
                if (available(i)) until([&] { return count(*observers_[i], text) >= there; });
        }
    }

private:
    static std::size_t count(FakeClient& observer, const std::string& text) {
        std::size_t found = 0;
        for (const auto& each : observer->deliveries) found += each.payload == text;
        return found;
    }
    Qos best() const { return std::min(Qos::at_least_once, traits().max_qos); }
    std::unique_ptr<TestCluster> make(const std::string& name, std::uint16_t cores, std::size_t index) {
        return std::make_unique<TestCluster>(cores, 1, PolicyPtr{}, Limits{}, nullptr,
                                             TestCluster::Remote{make_backend_(server_, gates_[index].port(), name), name}, histories_under_test());
    }
    bool available(std::size_t index) {
        TestCluster& cluster = *gateways_[index];
        for (std::size_t core = 0; core < cluster.count(); ++core)
            if (!cluster.gate(core).router().available()) return false;
        return true;
    }
    bool step() {
        const auto now = steady_clock::now();
        const auto passed = now - last_step_;
        if (passed > std::chrono::milliseconds(5)) {
            last_step_ = now;
            for (const auto& each : gateways_) each->pass(passed);
        }
        bool moved = false;
        for (const auto& each : gateways_) moved |= each->step();
        return moved;
    }

    const MakeBackend<Server> make_backend_;
    Server server_;
    std::array<TcpGate, 2> gates_{TcpGate(server_.port()), TcpGate(server_.port())};
    steady_clock::time_point last_step_ = steady_clock::now();
    std::array<std::unique_ptr<TestCluster>, 2> gateways_;
    std::array<std::unique_ptr<FakeClient>, 2> observers_;
    std::uint64_t rounds_ = 0;
};

template <class Broker>
MakeBackend<Broker> mqtt_backend(bool v5) {
    return [v5](const Broker&, std::uint16_t port, const std::string&) {
        mqtt::BackendSettings settings;
        settings.server = "tcp://127.0.0.1:" + std::to_string(port);
        settings.v5 = v5;
        return std::make_unique<mqtt::MqttBackend>(settings);
    };
}

/// Some of the suite's topics are addresses of their own, the others share one.
std::unique_ptr<Backend> vertx_backend(const VertxProcess&, std::uint16_t port, const std::string&) {
    vertx::BackendSettings settings;
    settings.host = "127.0.0.1";
    settings.port = std::to_string(port);
    settings.addresses = {{"a/b", "a.b"}, {"t/3", "t/3"}, {"order/1", "orders"}, {"own/x", "own"}, {"in", "in"}, {"back/x", "back"}};
    return std::make_unique<vertx::VertxBackend>(settings);
}

/// The same with rooms; each gateway is a user of its own.
std::unique_ptr<Backend> matrix_backend(const SynapseProcess& synapse, std::uint16_t port, const std::string& gateway) {
    matrix::BackendSettings settings;
    settings.url = Url::parse("http://127.0.0.1:" + std::to_string(port));
    settings.token = synapse.token(gateway);
    settings.room = "#shared:hs.localhost";
    settings.members = {"@junctor-alpha:hs.localhost", "@junctor-beta:hs.localhost"};
    std::erase(settings.members, "@junctor-" + gateway + ":hs.localhost");
    for (const char* topic : {"a/b", "t/3", "order/1", "own/x", "in", "cuts"})
        settings.rooms.push_back({topic, "#" + percent_encode(topic) + ":hs.localhost"});
    return std::make_unique<matrix::MatrixBackend>(settings);
}

/// The same by what the homeserver pushes to each gateway as its application service.
std::unique_ptr<Backend> pushed_matrix_backend(const PushingSynapse& synapse, std::uint16_t port, const std::string& gateway) {
    matrix::BackendSettings settings = synapse.settings(gateway);
    settings.url = Url::parse("http://127.0.0.1:" + std::to_string(port));
    for (const char* topic : {"a/b", "t/3", "order/1", "own/x", "in", "cuts"})
        settings.rooms.push_back({topic, "#_j_" + percent_encode(topic) + ":hs.localhost"});
    return with_door(std::make_unique<matrix::MatrixBackend>(std::move(settings)));
}

template <class Server>
BackendUnderTest joined_by(const std::string& name, const MakeBackend<Server>& backend) {
    return {name, 1, [backend](std::uint64_t) { return std::make_unique<Brokered<Server>>(backend); }};
}

}  // namespace

std::vector<BackendUnderTest> brokered_gateways() {
    std::vector<BackendUnderTest> all;
    if (BrokerProcess::installed()) {
        all.push_back(joined_by<BrokerProcess>("mqtt_5", mqtt_backend<BrokerProcess>(true)));
        all.push_back(joined_by<BrokerProcess>("mqtt_3", mqtt_backend<BrokerProcess>(false)));
    }
    if (HivemqProcess::installed()) {
        all.push_back(joined_by<HivemqProcess>("hivemq", mqtt_backend<HivemqProcess>(true)));
        all.back().in_short = {"WhatIsPublishedArrivesEverywhereOnce", "AGroupsMessageGoesPastWhoDoesNotTakeIt"};
        all.back().differs = {"ARetainedValueIsThereForWhoComesLater"};
        all.push_back(joined_by<HivemqProcess>("hivemq_3", mqtt_backend<HivemqProcess>(false)));
        all.back().in_short = {"EachPublisherKeepsItsOrder"};
    }
    if (VertxProcess::installed()) all.push_back(joined_by<VertxProcess>("vertx", vertx_backend));
    if (SynapseProcess::installed()) {
        all.push_back(joined_by<SynapseProcess>("matrix", matrix_backend));
        all.push_back(joined_by<PushingSynapse>("matrix_pushed", pushed_matrix_backend));
        all.back().in_short = {"WhatIsPublishedArrivesEverywhereOnce", "EachPublisherKeepsItsOrder", "ARetainedValueIsThereForWhoComesLater",
                               "AHistoryKeepsWhatNobodyWants", "AwayMeansUnavailableAndComingBackRestoresAll", "NothingAcknowledgedIsLostHoweverOftenTheLineBreaks"};
    }
    return all;
}

}  // namespace junctor::test
