#include "core/routing/requests.hpp"

#include <gtest/gtest.h>

#include "core/routing/routing_metrics.hpp"
#include "tests/support/fake_client.hpp"
#include "tests/support/test_cluster.hpp"

namespace junctor {
namespace {

using namespace std::chrono_literals;
using test::FakeClient;
using test::TestCluster;

class RequestsTest : public ::testing::Test {
protected:
    std::string address_of_next_request() {
        responder.subscribe("service/#");
        requester.request("service/x", "ping", 5s, 1);
        return responder->deliveries.back().envelope->extras()->reply_to;
    }

    TestCluster cluster;
    FakeClient requester{cluster};
    FakeClient responder{cluster};
};

TEST_F(RequestsTest, ReachTheirReceiversWithAReplyAddress) {
    const std::string address = address_of_next_request();
    EXPECT_TRUE(address.starts_with("$inbox/0/")) << address;
    EXPECT_EQ(address.size(), std::string("$inbox/0/").size() + 32);
    EXPECT_EQ(responder->deliveries.back().envelope->kind(), Kind::request);
    EXPECT_EQ(Requests(cluster.core()).home_of(address), CoreId{0});
    EXPECT_FALSE(Requests(cluster.core(), "elsewhere").home_of(address));
}

TEST_F(RequestsTest, TakeOneAnswer) {
    const std::string address = address_of_next_request();
    responder.publish(address, "pong", Qos::at_least_once, 5);
    responder.publish(address, "again", Qos::at_least_once, 6);
    ASSERT_EQ(requester->answers.size(), 1u);
    EXPECT_EQ(requester->answers[0].token, Token{1});
    EXPECT_EQ(as_text(requester->answers[0].reply->payload()), "pong");
    EXPECT_EQ(responder->settlement(5)->code, Errc::ok);
    EXPECT_EQ(responder->settlement(6)->code, Errc::no_receivers);
    EXPECT_TRUE(requester->settlements.empty());
}

TEST_F(RequestsTest, KeepTheRequestersOwnReplyAddressForTheAnswer) {
    responder.subscribe("service");
    Draft draft = requester.draft("service", "ping");
    draft.extras = std::make_unique<Extras>();
    draft.extras->reply_to = "my/own/address";
    draft.extras->correlation = {1, 2};
    requester.gate().request(*requester, std::move(draft), 5s, Token{1});
    const Extras& seen = *responder->deliveries.at(0).envelope->extras();
    EXPECT_TRUE(seen.reply_to.starts_with("$inbox/"));
    EXPECT_EQ(seen.correlation, (ByteBuffer{1, 2}));
    responder.publish(seen.reply_to, "pong");
    ASSERT_EQ(requester->answers.size(), 1u);
    EXPECT_EQ(requester->answers[0].reply->topic_text(), "my/own/address");
    EXPECT_EQ(as_text(requester->answers[0].reply->payload()), "pong");
}

TEST_F(RequestsTest, EndWhenNobodyAnswersInTime) {
    address_of_next_request();
    cluster.advance(4s);
    EXPECT_TRUE(requester->settlements.empty());
    cluster.advance(2s);
    ASSERT_EQ(requester->settlements.size(), 1u);
    EXPECT_EQ(requester->settlement(1)->code, Errc::timed_out);
    EXPECT_EQ(cluster.total(routing_metrics().unanswered), 1);
    EXPECT_EQ(cluster.total(routing_metrics().pending_requests), 0);
}

TEST_F(RequestsTest, EndAtOnceWhenNobodyListens) {
    requester.request("nobody/there", "ping", 5s, 3);
    EXPECT_EQ(requester->settlement(3)->code, Errc::no_receivers);
    requester.request("$to/nobody", "ping", 5s, 4);
    EXPECT_EQ(requester->settlement(4)->code, Errc::no_receivers);
    cluster.advance(100s);
    EXPECT_EQ(requester->settlements.size(), 2u);
}

TEST_F(RequestsTest, WaitNoLongerThanTheLimit) {
    responder.subscribe("service");
    requester.request("service", "ping", std::chrono::hours(5), 1);
    cluster.advance(Limits().max_wait + 1s);
    EXPECT_EQ(requester->settlement(1)->code, Errc::timed_out);
}

TEST_F(RequestsTest, AreForgottenWithTheirSession) {
    const std::string address = address_of_next_request();
    requester.close();
    responder.publish(address, "pong", Qos::at_least_once, 5);
    EXPECT_EQ(responder->settlement(5)->code, Errc::no_receivers);
    cluster.advance(100s);
    EXPECT_TRUE(requester->answers.empty());
    EXPECT_TRUE(requester->settlements.empty());
}

TEST_F(RequestsTest, CannotBeAnsweredByGuessing) {
    std::string address = address_of_next_request();
    std::string wrong_secret = address;
    wrong_secret[9] = wrong_secret[9] == '0' ? '1' : '0';
    std::string wrong_number = address;
    wrong_number.back() = wrong_number.back() == '0' ? '1' : '0';
    for (const std::string& each : {wrong_secret, wrong_number, address + "0", std::string("$inbox/0"), std::string("$inbox/9/") + address.substr(9),
                                    std::string("$inbox/x/y"), std::string("$inbox/99999999999/") + address.substr(9), std::string("$inbox/")}) {
        responder.publish(each, "pong", Qos::at_least_once, 5);
        EXPECT_EQ(responder->settlement(5)->code, Errc::no_receivers) << each;
    }
    EXPECT_TRUE(requester->answers.empty());
}

TEST_F(RequestsTest, StayWithinTheirTenant) {
    const std::string address = address_of_next_request();
    FakeClient stranger(cluster, {}, 0, TenantId{7});
    stranger.publish(address, "pong", Qos::at_least_once, 5);
    EXPECT_EQ(stranger->settlement(5)->code, Errc::no_receivers);
    EXPECT_TRUE(requester->answers.empty());
}

TEST(Requests, AreCountedPerSession) {
    Limits limits;
    limits.pending_requests_per_session = 3;
    TestCluster cluster(1, 1, {}, limits);
    FakeClient requester(cluster);
    FakeClient responder(cluster);
    responder.subscribe("service");
    for (std::uint64_t token = 1; token <= 4; ++token) requester.request("service", "ping", 5s, token);
    ASSERT_EQ(requester->settlements.size(), 1u);
    EXPECT_EQ(requester->settlement(4)->code, Errc::quota_exceeded);
    responder.publish(responder->deliveries[0].envelope->extras()->reply_to, "pong");
    requester.request("service", "ping", 5s, 5);
    EXPECT_EQ(requester->settlement(5), nullptr);
}

}  // namespace
}  // namespace junctor
