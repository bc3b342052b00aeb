#include "tests/conformance/backend/joined_gateways.hpp"

#include "core/embedded/embedded_backend.hpp"
#include "tests/conformance/backend/brokered_gateways.hpp"
#include "tests/support/model_broker.hpp"

namespace junctor::test {
namespace {

/// The default: one gateway is all there is.
class Embedded final : public JoinedGateways {
public:
    explicit Embedded(std::uint64_t seed) : only_(3, seed, {}, {}, nullptr, {}, histories_under_test()) {}
    BackendTraits traits() const override {
        BackendTraits traits = EmbeddedBackend().traits();
        traits.shared_groups = traits.history = true;  // by the core itself
        return traits;
    }
    TestCluster& gateway(std::size_t) override { return only_; }
    bool until(const std::function<bool()>& done) override {
        while (!done())
            if (!only_.step()) return done();
        return true;
    }
    void settle() override { only_.settle(); }

private:
    TestCluster only_;
};

/// A broker in this process, whose packets take as long as the seed says.
class Modelled final : public JoinedGateways {
public:
    explicit Modelled(std::uint64_t seed)
        : random_(seed), broker_(seed), gateways_{make("alpha", 1, seed), make("beta", 3, seed)} {
        settle();
    }
    BackendTraits traits() const override { return ModelBroker::all_traits(); }
    TestCluster& gateway(std::size_t index) override { return *gateways_.at(index); }
    bool until(const std::function<bool()>& done) override {
        while (!done())
            if (!step()) return done();
        return true;
    }
    bool cut(std::size_t index) override {
        broker_.cut(name(index));
        return true;
    }
    void join(std::size_t index) override { broker_.join(name(index)); }
    void settle() override {
        while (step()) {
        }
    }

private:
    static std::string name(std::size_t index) { return index == 0 ? "alpha" : "beta"; }
    std::unique_ptr<TestCluster> make(const std::string& name, std::uint16_t cores, std::uint64_t seed) {
        return std::make_unique<TestCluster>(cores, seed, PolicyPtr{}, Limits{}, nullptr, TestCluster::Remote{broker_.backend_for(name), name});
    }
    bool step() {
        const std::size_t first = random_.below(3);
        for (std::size_t i = 0; i < 3; ++i) {
            const std::size_t chosen = (first + i) % 3;
            if (chosen == 2 ? broker_.step() : gateways_[chosen]->step()) return true;
        }
        return false;
    }

    SeededRandom random_;
    ModelBroker broker_;
    std::array<std::unique_ptr<TestCluster>, 2> gateways_;
};

template <class Joined>
BackendUnderTest under_test(const std::string& name) {
    return {name, 4, [](std::uint64_t seed) { return std::make_unique<Joined>(seed); }};
}

}  // namespace

HistoryRulesPtr histories_under_test() {
    return std::make_shared<const HistoryRules>(std::vector<HistoryRule>{{*TopicFilter::parse({}, "past/#"), {100, 1 << 20, std::chrono::hours(1)}}});
}

std::vector<BackendUnderTest> backends_under_test() {
    std::vector<BackendUnderTest> all{under_test<Embedded>("embedded"), under_test<Modelled>("model")};
    for (BackendUnderTest& each : brokered_gateways()) all.push_back(std::move(each));
    return all;
}

}  // namespace junctor::test
