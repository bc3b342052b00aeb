// What libzmq does only when it pleases: moments between its own thread and the core's.
#include "connectors/zeromq/publish_door.hpp"

#include <algorithm>

#include "tests/unit/connectors/zeromq/modelled_doors.hpp"

namespace junctor::zeromq {
namespace {

class ModelledPublishDoor : public ModelledDoor<PublishDoor> {
protected:
    std::vector<std::string> said() {
        std::vector<std::string> all;
        for (const auto& each : small.gate.published) all.push_back(each.envelope->publisher()->name + ": " + each.payload);
        std::sort(all.begin(), all.end());
        return all;
    }
};

TEST_F(ModelledPublishDoor, WhatAConnectionSentBeforeItEndedIsTakenAndItsSessionEndsAllTheSame) {
    const auto line = connect("alice");
    send(*line, {"a", "1"});
    line->close();
    while (network.step()) {
    }
    settle();
    EXPECT_EQ(said(), std::vector<std::string>{"alice: 1"});
    EXPECT_TRUE(small.gate.open_sessions.empty());
}

TEST_F(ModelledPublishDoor, ANumberThatComesAgainBringsNobodyTheNameOfWhoHadIt) {
    const auto alice = connect("alice");
    send(*alice, {"a", "1"});
    const auto bob = succeed(*alice, "bob");
    run_core();
    send(*bob, {"a", "2"});
    settle();
    EXPECT_EQ(said(), (std::vector<std::string>{"alice: 1", "bob: 2"}));
    bob->close();
    settle();
    EXPECT_TRUE(small.gate.open_sessions.empty());
}

}  // namespace
}  // namespace junctor::zeromq
