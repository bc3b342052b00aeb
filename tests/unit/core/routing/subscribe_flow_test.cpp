#include "core/routing/subscribe_flow.hpp"

#include <gtest/gtest.h>

#include "policy/policy_gate.hpp"
#include "tests/support/fake_session.hpp"
#include "tests/support/lone_core.hpp"

namespace junctor {
namespace {

using test::FakeSession;
using test::LoneCore;

/// A backend that answers when the test says so.
class SlowBackend final : public Backend {
public:
    explicit SlowBackend(std::vector<std::string>& calls) : calls_(calls) {}
    BackendTraits traits() const noexcept override {
        BackendTraits traits;
        traits.on_every_core = true;
        return traits;
    }
    void start(BackendSink& its, const BackendPlace&) override { sink = &its; }
    void stop() noexcept override {}
    void publish(const EnvelopePtr& envelope, BackendTicket ticket) noexcept override {
        calls_.push_back("publish " + std::string(envelope->topic_text()));
        last = ticket;
    }
    void subscribe(const TopicFilter& filter, std::string_view) noexcept override { calls_.push_back("subscribe " + filter.text()); }
    void unsubscribe(const TopicFilter& filter, std::string_view) noexcept override { calls_.push_back("unsubscribe " + filter.text()); }

    BackendSink* sink = nullptr;
    BackendTicket last;

private:
    std::vector<std::string>& calls_;
};

class SubscribeFlowTest : public ::testing::Test {
protected:
    SubscribeFlowTest() {
        auto owned = std::make_unique<SlowBackend>(calls);
        backend = owned.get();
        gate = std::make_unique<PolicyGate>(lone.core, std::move(owned), default_policy());
        (void)gate->open(session, {});
        (void)gate->open(other, {});
    }

    static TopicFilter filter(const std::string& text) { return *TopicFilter::parse({}, text); }
    void subscribe(FakeSession& by, const std::vector<std::string>& filters, std::uint64_t token) {
        std::vector<SubscribeRequest> requests;
        for (const std::string& each : filters) requests.push_back({filter(each), {}});
        gate->subscribe(by, requests, Token{token});
    }
    void unsubscribe(FakeSession& by, const std::string& text, std::uint64_t token) {
        const TopicFilter parsed = filter(text);
        gate->unsubscribe(by, {&parsed, 1}, Token{token});
    }
    void answer(const std::string& text, Errc code = Errc::ok) { backend->sink->subscribed(filter(text), {}, code); }
    std::vector<Errc> codes(FakeSession& of, std::uint64_t token) {
        const FakeSession::Settled* settled = of.settlement(token);
        return settled ? settled->each : std::vector<Errc>{};
    }

    using Codes = std::vector<Errc>;
    using Calls = std::vector<std::string>;
    LoneCore lone;
    Calls calls;
    SlowBackend* backend = nullptr;
    std::unique_ptr<PolicyGate> gate;
    FakeSession session;
    FakeSession other;
};

TEST_F(SubscribeFlowTest, WaitsForEveryFilter) {
    subscribe(session, {"a", "b"}, 1);
    EXPECT_EQ(calls, (Calls{"subscribe a", "subscribe b"}));
    answer("b");
    EXPECT_TRUE(session.settlements.empty());
    answer("a");
    EXPECT_EQ(codes(session, 1), (Codes{Errc::ok, Errc::ok}));
}

TEST_F(SubscribeFlowTest, AsksOncePerFilter) {
    subscribe(session, {"a", "a"}, 1);
    subscribe(other, {"a"}, 2);
    EXPECT_EQ(calls, Calls{"subscribe a"});
    answer("a");
    EXPECT_EQ(codes(session, 1), (Codes{Errc::ok, Errc::ok}));
    EXPECT_EQ(codes(other, 2), Codes{Errc::ok});
    subscribe(other, {"a"}, 3);
    EXPECT_EQ(codes(other, 3), Codes{Errc::ok});
    EXPECT_EQ(calls, Calls{"subscribe a"});
}

TEST_F(SubscribeFlowTest, TellsEverybodyWhatTheBackendRefused) {
    subscribe(session, {"a", "b"}, 1);
    subscribe(other, {"a"}, 2);
    answer("a", Errc::unsupported);
    answer("b");
    EXPECT_EQ(codes(session, 1), (Codes{Errc::unsupported, Errc::ok}));
    EXPECT_EQ(codes(other, 2), Codes{Errc::unsupported});
    EXPECT_EQ(calls.back(), "unsubscribe a");
    EXPECT_EQ(std::count(calls.begin(), calls.end(), "unsubscribe a"), 1);
    subscribe(other, {"a"}, 3);
    EXPECT_EQ(calls.back(), "subscribe a") << "asked again";
}

TEST_F(SubscribeFlowTest, WithdrawsOnlyAfterTheAnswer) {
    subscribe(session, {"a"}, 1);
    gate->close(session, CloseReason::normal);
    EXPECT_EQ(calls, Calls{"subscribe a"});
    answer("a");
    EXPECT_EQ(calls, (Calls{"subscribe a", "unsubscribe a"}));
    EXPECT_TRUE(session.settlements.empty());
}

TEST_F(SubscribeFlowTest, KeepsAFilterThatSomebodyWantsAgainMeanwhile) {
    subscribe(session, {"a"}, 1);
    gate->close(session, CloseReason::normal);
    subscribe(other, {"a"}, 2);
    answer("a");
    EXPECT_EQ(codes(other, 2), Codes{Errc::ok});
    EXPECT_EQ(calls, Calls{"subscribe a"});
}

TEST_F(SubscribeFlowTest, EndsTheOperationsOfASessionInOrder) {
    subscribe(session, {"a"}, 1);
    subscribe(session, {"b"}, 2);
    unsubscribe(session, "a", 3);
    answer("b");
    EXPECT_TRUE(session.settlements.empty());
    answer("a");
    ASSERT_EQ(session.settlements.size(), 3u);
    for (std::uint64_t at = 0; at < 3; ++at) EXPECT_EQ(session.settlements[at].token.value, at + 1);
    EXPECT_EQ(calls.back(), "unsubscribe a");
}

TEST_F(SubscribeFlowTest, ReceiptsComeWhenTheBackendHasTheMessage) {
    Draft draft;
    draft.topic = *Topic::parse({}, "a");
    gate->publish(session, std::move(draft), Token{9});
    EXPECT_TRUE(session.settlements.empty());
    const BackendReceipt receipt{backend->last, Errc::ok, 4, 0};
    backend->sink->taken({&receipt, 1});
    EXPECT_EQ(session.settlement(9)->matches, 4u);
}

TEST_F(SubscribeFlowTest, PublishersHearThatTheBackendIsAway) {
    backend->sink->available(false);
    Draft draft;
    draft.topic = *Topic::parse({}, "a");
    gate->publish(session, std::move(draft), Token{9});
    EXPECT_EQ(session.settlement(9)->code, Errc::unavailable);
    EXPECT_TRUE(calls.empty());
}

}  // namespace
}  // namespace junctor
