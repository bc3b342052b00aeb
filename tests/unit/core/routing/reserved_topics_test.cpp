// Threat class 5: first levels with `$` are the gateway's own. Whatever a client does, it neither speaks nor listens there unasked.

#include <gtest/gtest.h>

#include "tests/support/fake_client.hpp"
#include "tests/support/rule_authorizer.hpp"

namespace junctor {
namespace {

using namespace std::chrono_literals;
using test::FakeClient;
using test::RuleAuthorizer;
using test::TestCluster;

constexpr const char* reserved[] = {"$SYS/broker/load", "$SYS", "$CONTROL/x", "$MQTT/x", "$share/g/a", "$queue/a", "$", "$/a"};

void announce(TestCluster& cluster, const std::string& topic) {
    cluster.gate().router().publish_event(*Topic::parse({}, topic), as_bytes("x"));
    cluster.settle();
}

TEST(Threat5, NoLeadingWildcardMatchesThem) {
    TestCluster cluster(2);
    FakeClient reader(cluster, "", 0);
    for (const char* filter : {"#", "+/#", "+", "+/broker/load", "+/+/load", "$share/g/#", "$share/g/+/broker/+"}) reader.subscribe(filter);
    cluster.settle();
    reader->deliveries.clear();
    for (const char* topic : reserved) announce(cluster, topic);
    for (const auto& each : reader->deliveries) ADD_FAILURE() << each.topic;
    reader.subscribe("$SYS/#");
    cluster.settle();
    reader->deliveries.clear();
    announce(cluster, "$SYS/broker/load");
    EXPECT_EQ(reader->deliveries.size(), 1u);
}

TEST(Threat5, NothingIsPublishedRetainedSentOrRequestedThere) {
    TestCluster cluster(2);
    FakeClient reader(cluster);
    reader.subscribe("$SYS/#");
    cluster.settle();
    FakeClient client(cluster, "", 1);
    std::uint64_t token = 0;
    for (const std::string topic : reserved) {
        client.publish(topic, "x", Qos::at_least_once, ++token);
        EXPECT_EQ(client->settlement(token)->code, Errc::denied) << topic;
        client.send(topic, "x", ++token);
        EXPECT_EQ(client->settlement(token)->code, Errc::denied) << topic;
        client.request(topic, "x", 1s, ++token);
        EXPECT_EQ(client->settlement(token)->code, Errc::denied) << topic;
        client.retain(topic, "x");
    }
    cluster.settle();
    for (const auto& each : reader->deliveries) EXPECT_NE(each.payload, "x") << each.topic << ", no event of the gateway's";
    EXPECT_EQ(cluster.gate().router().retained_store().size(), 0u);
}

TEST(Threat5, NoAnswerIsLedThere) {
    TestCluster cluster;
    FakeClient responder(cluster);
    responder.subscribe("service");
    FakeClient client(cluster);
    Draft draft = client.draft("service", "x");
    draft.extras = std::make_unique<Extras>();
    draft.extras->reply_to = "$SYS/broker/load";
    client.gate().publish(*client, std::move(draft), Token{1});
    EXPECT_EQ(client->settlement(1)->code, Errc::denied);
    EXPECT_TRUE(responder->deliveries.empty());
}

TEST(Threat5, NoWillIsLeftThere) {
    TestCluster cluster;
    FakeClient client(cluster);
    for (const std::string topic : reserved) {
        auto will = std::make_unique<Will>();
        will->topic = topic;
        EXPECT_FALSE(client.gate().set_will(*client, std::move(will))) << topic;
    }
}

TEST(Threat5, EventsNeedARightOfTheirOwn) {
    auto policy = std::make_shared<Policy>();
    policy->authorizers.push_back(std::make_shared<RuleAuthorizer>([](const Principal&, Verb verb, std::string_view) {
        return verb == Verb::presence ? Verdict::Outcome::deny : Verdict::Outcome::allow;
    }));
    TestCluster cluster(1, 1, policy);
    FakeClient reader(cluster);
    reader.subscribe("$SYS/#");
    reader.subscribe("$share/g/$SYS/#");
    cluster.settle();
    announce(cluster, "$SYS/broker/load");
    EXPECT_TRUE(reader->deliveries.empty());
}

}  // namespace
}  // namespace junctor
