#include "tests/simulation/checker/checker.hpp"

#include <gtest/gtest.h>

#include "tests/simulation/checker/reference.hpp"

namespace junctor::simulation {
namespace {

using Sentences = std::vector<std::string>;

/// A publisher (life 0), a subscriber to `a/#` (life 1), and two messages that reached it.
History good_history() {
    History history;
    history.rules.push_back({history.step(), {}});
    for (const char* name : {"publisher", "subscriber"}) {
        Life life;
        life.client = life.principal = name;
        life.opened = history.step();
        history.lives.push_back(life);
    }
    Subscription subscription;
    subscription.life = 1;
    subscription.filter = "a/#";
    subscription.asked = history.step();
    subscription.granted = history.step();
    history.subscriptions.push_back(subscription);
    for (int number = 0; number < 2; ++number) {
        Publication sent;
        sent.topic = "a/b";
        sent.qos = Qos::at_least_once;
        sent.sent = history.step();
        sent.acknowledged = history.step();
        history.publications.push_back(sent);
        Arrival arrival;
        arrival.life = 1;
        arrival.payload = std::to_string(number);
        arrival.topic = "a/b";
        arrival.at = history.step();
        history.arrivals.push_back(arrival);
    }
    return history;
}

std::string only_break(const History& history) {
    const Sentences broken = broken_promises(history);
    return broken.size() == 1 ? broken[0] : "(" + std::to_string(broken.size()) + ")";
}

TEST(SimulationChecker, AGoodHistoryBreaksNothing) { EXPECT_EQ(broken_promises(good_history()), Sentences{}); }

TEST(SimulationChecker, SeesALoss) {
    History history = good_history();
    history.arrivals.pop_back();
    EXPECT_NE(only_break(history).find("never reached subscriber"), std::string::npos);
    history.lives[1].ended = history.step();
    EXPECT_EQ(broken_promises(history), Sentences{}) << "it did not stay";
}

TEST(SimulationChecker, SeesASecondCopy) {
    History history = good_history();
    history.arrivals.push_back(history.arrivals[1]);
    EXPECT_NE(only_break(history).find("twice"), std::string::npos);
}

TEST(SimulationChecker, SeesAnOlderMessageBehindANewer) {
    History history = good_history();
    std::swap(history.arrivals[0].payload, history.arrivals[1].payload);
    EXPECT_NE(only_break(history).find("after message 1"), std::string::npos);
}

TEST(SimulationChecker, SeesWhatNobodySentOrAskedFor) {
    History history = good_history();
    history.arrivals[0].payload = "77";
    EXPECT_EQ(broken_promises(history).size(), 2U) << "one unexpected, one lost";
    history = good_history();
    history.subscriptions[0].filter = "b";
    EXPECT_EQ(broken_promises(history).size(), 2U);
}

TEST(SimulationChecker, SeesADeniedDelivery) {
    History history = good_history();
    history.rules[0].rules.push_back({"subscriber", Verb::receive, "a/+"});
    EXPECT_EQ(broken_promises(history).size(), 2U);
}

TEST(SimulationChecker, ARequestHasOneOutcome) {
    History history = good_history();
    history.publications[0].kind = Kind::request;
    EXPECT_NE(only_break(history).find("no outcome"), std::string::npos);
    history.publications[0].outcomes = {"re:0"};
    EXPECT_EQ(broken_promises(history), Sentences{});
    history.publications[0].outcomes = {"re:0", "error"};
    EXPECT_NE(only_break(history).find("several outcomes"), std::string::npos);
}

/// Another subscriber (life 2) is in a group with the first, which has got both messages.
History group_history() {
    History history = good_history();
    Life life = history.lives[1];
    life.client = "other";
    history.lives[1].principal = "mqtt";
    history.lives.push_back(life);
    history.subscriptions[0].filter = "$share/g/a/#";
    history.subscriptions[0].qos = Qos::at_least_once;
    Subscription second = history.subscriptions[0];
    second.life = 2;
    history.subscriptions.push_back(second);
    return history;
}

TEST(SimulationChecker, OneMemberOfAGroupIsEnough) {
    History history = group_history();
    EXPECT_EQ(broken_promises(history), Sentences{});
    history.arrivals.pop_back();
    EXPECT_EQ(broken_promises(history).size(), 2U) << "once for each member that could have had it";
    history.lives[1].ended = history.step();
    EXPECT_EQ(broken_promises(history).size(), 1U) << "what it had not acknowledged went to the other";
    history.lives[1].principal = "websocket";
    EXPECT_EQ(broken_promises(history), Sentences{}) << "whose acknowledgements nobody counts";
}

TEST(SimulationChecker, WhatSomebodyElseGotDidNotReachTheGroup) {
    History history = group_history();
    Subscription own = history.subscriptions[1];
    own.filter = "a/+";
    history.arrivals.back().life = 2;
    history.subscriptions.push_back(own);
    history.arrivals.push_back(history.arrivals[0]);
    history.arrivals.back().life = 2;
    EXPECT_EQ(broken_promises(history).size(), 2U) << "the second one reached the other as its own only; once for each member";
    history.arrivals.push_back(history.arrivals[1]);
    EXPECT_EQ(broken_promises(history), Sentences{});
}

TEST(SimulationChecker, SeesASecondMember) {
    History history = group_history();
    history.arrivals.push_back(history.arrivals[1]);
    history.arrivals.back().life = 2;
    history.arrivals.back().at = history.step();
    history.arrivals[1].qos = Qos::at_least_once;
    EXPECT_NE(only_break(history).find("several members"), std::string::npos);
    history.lives[1].ended = history.arrivals.back().at - 1;
    EXPECT_EQ(broken_promises(history), Sentences{}) << "it went with the message undone";
    history.arrivals[1].qos = Qos::at_most_once;
    EXPECT_NE(only_break(history).find("several members"), std::string::npos);
}

TEST(SimulationChecker, AWillOfAGroupMayGoAgainAfterACrashThatForgotThatItWent) {
    History history = group_history();
    history.publications[1].will = true;
    history.arrivals[1].qos = history.publications[1].qos = Qos::at_most_once;
    history.publications[1].forgotten = history.step();
    history.arrivals.push_back(history.arrivals[1]);
    history.arrivals.back().life = 2;
    history.arrivals.back().at = history.step();
    EXPECT_EQ(broken_promises(history), Sentences{});
    history.publications[1].qos = Qos::exactly_once;
    EXPECT_NE(only_break(history).find("several members"), std::string::npos) << "none is doubled at QoS 2";
    history.publications[1].qos = Qos::at_most_once;
    history.arrivals[1].at = history.arrivals[2].at - 1;
    std::swap(history.publications[1].forgotten, history.arrivals[1].at);
    EXPECT_NE(only_break(history).find("several members"), std::string::npos) << "both went after it";
}

/// Rules by which the first of them may not have anything any more, then the second has it, too.
void give_to_other_after_ban(History& history) {
    history.lives[1].ended = history.step();
    history.rules.push_back({history.step(), {{history.lives[1].principal, Verb::receive, "a/#"}}});
    history.arrivals.push_back(history.arrivals[1]);
    history.arrivals.back().life = 2;
    history.arrivals.back().at = history.step();
}

TEST(SimulationChecker, WhatADurableSessionMayNotHaveAnyMoreGoesToAnother) {
    for (const Kind kind : {Kind::publish, Kind::send}) {
        History history = group_history();
        if (kind == Kind::send) history.subscriptions[0].filter = history.subscriptions[1].filter = "a/#";
        history.lives[2].principal = "another";
        for (Publication& sent : history.publications) sent.kind = kind;
        history.arrivals[1].qos = Qos::at_least_once;
        give_to_other_after_ban(history);
        history.lives[1].session = history.sessions = 1;
        EXPECT_EQ(broken_promises(history), Sentences{});
        history.arrivals[1].qos = Qos::at_most_once;
        EXPECT_NE(only_break(history).find("several"), std::string::npos) << "nothing of that waits";
        history.arrivals[1].qos = Qos::at_least_once;
        history.rules.pop_back();
        EXPECT_NE(only_break(history).find("several"), std::string::npos) << "it may have it";
    }
}

TEST(SimulationChecker, WhoSubscribesBeforeAMessageIsSentGetsNothingOfItBehindALaterOne) {
    History history = good_history();
    std::swap(history.arrivals[0].payload, history.arrivals[1].payload);
    history.gateways = 2;
    Fault fault;
    fault.at = history.publications[1].sent;
    fault.parts = true;
    history.faults.push_back(fault);
    EXPECT_NE(only_break(history).find("after message 1"), std::string::npos);
    history.subscriptions[0].granted = history.publications[1].sent;
    EXPECT_EQ(broken_promises(history), Sentences{}) << "it had come before, when there was no subscription";
    history.subscriptions[0].granted = history.subscriptions[0].asked + 1;
    history.drops.push_back({1, "0", {}, history.publications[1].sent});
    EXPECT_EQ(broken_promises(history), Sentences{}) << "libzmq kept it from him when it came first";
    history.publications[0].qos = Qos::at_most_once;
    EXPECT_NE(only_break(history).find("after message 1"), std::string::npos) << "which nothing of QoS 0 does";
}

TEST(SimulationChecker, AGroupsCopyIsBesideItsMembersOwn) {
    History history = group_history();
    history.subscriptions[1].life = 1;
    history.subscriptions[1].filter = "a/+";
    history.arrivals.push_back(history.arrivals[0]);
    history.arrivals.push_back(history.arrivals[1]);
    EXPECT_EQ(broken_promises(history), Sentences{});
    history.arrivals.push_back(history.arrivals[1]);
    EXPECT_NE(only_break(history).find("twice"), std::string::npos);
}

TEST(SimulationReference, MatchesAsTheStandardSays) {
    EXPECT_TRUE(reference_match("a/#", "a"));
    EXPECT_TRUE(reference_match("a/+/c", "a//c"));
    EXPECT_TRUE(reference_match("#", "a/b"));
    EXPECT_TRUE(reference_match("$SYS/#", "$SYS/x"));
    EXPECT_FALSE(reference_match("#", "$SYS/x"));
    EXPECT_FALSE(reference_match("+/x", "$SYS/x"));
    EXPECT_FALSE(reference_match("a/+", "a"));
    EXPECT_FALSE(reference_match("a", "a/b"));
    EXPECT_EQ(reference_inner("$share/g/a/#"), "a/#");
    EXPECT_EQ(reference_inner("$SYS/#"), "$SYS/#");
}

/// The subscriber has a durable session, whose first connection ended.
History durable_history() {
    History history = good_history();
    history.lives[1].session = history.sessions = 1;
    history.subscriptions[0].qos = Qos::exactly_once;
    history.lives[1].ended = history.step();
    Life again = history.lives[1];
    again.opened = history.step();
    again.ended = 0;
    history.lives.push_back(again);
    return history;
}

TEST(SimulationChecker, WhatADurableSessionMissedMayComeLater) {
    History history = durable_history();
    history.arrivals.back().life = 2;
    history.arrivals.back().at = history.step();
    EXPECT_EQ(broken_promises(history), Sentences{});
    history.arrivals.pop_back();
    EXPECT_NE(only_break(history).find("never reached subscriber"), std::string::npos);
}

// What comes later cannot excuse a loss before it, nor can the end of a connection that was there when all was at rest.
TEST(SimulationChecker, ALaterBanForgivesNothingThatWasDueBefore) {
    History history = durable_history();
    history.arrivals.pop_back();
    history.rules.push_back({history.step(), {{"subscriber", Verb::receive, "a/#"}}});
    EXPECT_NE(only_break(history).find("never reached subscriber"), std::string::npos);
    history.lives[2].opened = history.step();
    EXPECT_EQ(broken_promises(history), Sentences{}) << "it came back when it was not allowed any more";
    history = good_history();
    history.arrivals.pop_back();
    history.rules.push_back({history.step(), {}});
    history.lives[1].ended = history.step();
    EXPECT_NE(only_break(history).find("never reached subscriber"), std::string::npos);
}

TEST(SimulationChecker, SeesASecondCopyAtQos2InAnotherLife) {
    History history = durable_history();
    for (Publication& sent : history.publications) sent.qos = Qos::exactly_once;
    Arrival again = history.arrivals.back();
    again.life = 2;
    again.at = history.step();
    history.arrivals.push_back(again);
    EXPECT_EQ(broken_promises(history), Sentences{}) << "at QoS 0 and 1 it may come again";
    history.arrivals[1].qos = history.arrivals[2].qos = Qos::exactly_once;
    EXPECT_NE(only_break(history).find("twice, at QoS 2"), std::string::npos);
}

}  // namespace
}  // namespace junctor::simulation
