#include "tests/conformance/backend/brokered_gateways.hpp"

#include <chrono>
#include <thread>

#include "connectors/mqtt/backend.hpp"
#include "tests/conformance/backend/broker_process.hpp"
#include "tests/conformance/backend/tcp_gate.hpp"

namespace junctor::test {
namespace {

using std::chrono::steady_clock;
constexpr std::chrono::seconds patience{30};

/// The gateways run on virtual time that keeps pace with the real one.
class Brokered final : public JoinedGateways {
public:
    explicit Brokered(bool v5) : v5_(v5), gateways_{make("alpha", 1, 0), make("beta", 3, 1)} {
        const bool there = until([this] { return available(0) && available(1); });
        if (!there) throw std::runtime_error("the gateways do not reach the broker");
        for (std::size_t i = 0; i < 2; ++i) {
            observers_[i] = std::make_unique<FakeClient>(*gateways_[i]);
            observers_[i]->subscribe("observed", Qos::at_least_once);
        }
        until([this] { return (*observers_[0])->settlements.size() + (*observers_[1])->settlements.size() == 2; });
    }
    ~Brokered() override {
        for (auto& each : observers_) each.reset();
    }

    BackendTraits traits() const override { return mqtt::MqttBackend(settings(0)).traits(); }
    bool counts_receivers() const override { return false; }  // Paho keeps the broker's 0x10 to itself
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
                if (available(i)) observers_[i]->publish("observed", text, Qos::at_least_once, rounds_);
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
    mqtt::BackendSettings settings(std::size_t index) const {
        mqtt::BackendSettings settings;
        settings.server = "tcp://127.0.0.1:" + std::to_string(gates_[index].port());
        settings.v5 = v5_;
        return settings;
    }
    std::unique_ptr<TestCluster> make(const std::string& name, std::uint16_t cores, std::size_t index) {
        return std::make_unique<TestCluster>(cores, 1, PolicyPtr{}, Limits{}, nullptr,
                                             TestCluster::Remote{std::make_unique<mqtt::MqttBackend>(settings(index)), name});
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

    bool v5_;
    BrokerProcess broker_;
    std::array<TcpGate, 2> gates_{TcpGate(broker_.port()), TcpGate(broker_.port())};
    steady_clock::time_point last_step_ = steady_clock::now();
    std::array<std::unique_ptr<TestCluster>, 2> gateways_;
    std::array<std::unique_ptr<FakeClient>, 2> observers_;
    std::uint64_t rounds_ = 0;
};

}  // namespace

std::vector<BackendUnderTest> brokered_gateways() {
    if (!BrokerProcess::installed()) return {};
    return {{"mqtt_5", 1, [](std::uint64_t) { return std::make_unique<Brokered>(true); }},
            {"mqtt_3", 1, [](std::uint64_t) { return std::make_unique<Brokered>(false); }}};
}

}  // namespace junctor::test
