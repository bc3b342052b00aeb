#include "core/routing/interest.hpp"

#include <gtest/gtest.h>

#include "tests/support/fake_client.hpp"

namespace junctor {
namespace {

// The other core's interest in the same filter keeps its node here; when that goes first, the answer still finds its own.
TEST(Interest, SurvivesThatEverybodyLetsGoWhileItIsUnconfirmed) {
    test::TestCluster cluster(2);
    test::FakeClient there(cluster, "", 1);
    there.subscribe("a/#");
    cluster.settle();
    test::FakeClient here(cluster, "", 0);
    EXPECT_EQ(here.subscribe("a/#"), std::nullopt);
    here.close();
    there.close();
    cluster.settle();

    test::FakeClient later(cluster, "", 0);
    later.subscribe("a/#");
    cluster.settle();
    test::FakeClient publisher(cluster, "", 1);
    publisher.publish("a/b", "1");
    cluster.settle();
    EXPECT_EQ(later->payloads(), std::vector<std::string>{"1"});
}

}  // namespace
}  // namespace junctor
