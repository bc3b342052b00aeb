// Threat classes 3 and 4: what is denied within something that is allowed stays back, whatever way it would come.

#include <gtest/gtest.h>

#include "tests/support/acl.hpp"
#include "tests/unit/policy/sleeper.hpp"

namespace junctor {
namespace {

std::shared_ptr<Policy> overlapping() {
    auto policy = std::make_shared<Policy>();
    policy->authorizers.push_back(test::make_acl("[{allow: [all]}, {deny: [subscribe], topics: [plant/+/secret, own/#], principals: [reader]},"
                                                 " {allow: [all], topics: [plant/#]}]"));
    return policy;
}

class Threat3Delivery : public testing::TestWithParam<const char*> {
protected:
    TestCluster cluster{2, 1, overlapping()};
    FakeClient speaker{cluster, "speaker", SessionTerms{}, "speaker"};

    void speak(Qos qos = Qos::at_most_once) {
        for (const char* topic : {"plant/1/secret", "plant/1/open", "plant/secret", "plant/1/secret/more"}) speaker.publish(topic, topic, qos);
        cluster.settle();
    }
};

const Texts open_ones = {"plant/1/open", "plant/secret", "plant/1/secret/more"};

TEST_P(Threat3Delivery, ADenyWithinAFilterHoldsForLiveMessages) {
    FakeClient reader(cluster, "reader", SessionTerms{}, "reader");
    EXPECT_EQ(reader.subscribe(GetParam()).value_or(Errc::ok), Errc::ok);
    cluster.settle();
    speak();
    EXPECT_EQ(reader->payloads(), open_ones);
}

TEST_P(Threat3Delivery, ForRetainedOnes) {
    for (const char* topic : {"plant/1/secret", "plant/1/open"}) speaker.retain(topic, topic);
    cluster.settle();
    FakeClient reader(cluster, "reader", SessionTerms{}, "reader");
    reader.subscribe(GetParam());
    cluster.settle();
    EXPECT_EQ(reader->payloads(), Texts{"plant/1/open"});
}

TEST_P(Threat3Delivery, ForThoseThatWait) {
    Sleeper sleeper(cluster, "reader");
    sleeper.connect(kept, "reader").subscribe(GetParam(), qos1);
    cluster.settle();
    sleeper.client.reset();
    speak(qos1);
    FakeClient& again = sleeper.connect(kept, "reader");
    cluster.settle();
    EXPECT_EQ(again->payloads(), open_ones);
}

TEST_P(Threat3Delivery, AndForGroups) {
    FakeClient reader(cluster, "reader", SessionTerms{}, "reader");
    EXPECT_EQ(reader.subscribe("$share/group/" + std::string(GetParam())).value_or(Errc::ok), Errc::ok);
    cluster.settle();
    speak();
    EXPECT_EQ(reader->payloads(), open_ones);
}

INSTANTIATE_TEST_SUITE_P(WiderAndWider, Threat3Delivery, testing::Values("plant/#", "#", "+/#"));

TEST(Threat3, WhatIsDeniedAltogetherIsRefused) {
    TestCluster cluster(1, 1, overlapping());
    FakeClient reader(cluster, "reader", SessionTerms{}, "reader");
    for (const char* filter : {"own/#", "own/a", "plant/+/secret", "plant/1/secret", "$share/g/own/#"}) EXPECT_EQ(reader.subscribe(filter), Errc::denied) << filter;
}

}  // namespace
}  // namespace junctor
