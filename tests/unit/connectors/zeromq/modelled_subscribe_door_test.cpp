// What libzmq does only when it pleases: moments between its own thread and the core's.
#include "connectors/zeromq/subscribe_door.hpp"
#include "tests/unit/connectors/zeromq/modelled_doors.hpp"

namespace junctor::zeromq {
namespace {

class ModelledSubscribeDoor : public ModelledDoor<SubscribeDoor> {};

class ModelledSend : public ModelledSubscribeDoor {
protected:
    DeliverResult send_to(Session& session, std::string_view topic) {
        Draft draft;
        draft.topic = Topic::parse({}, topic).value();
        draft.kind = Kind::send;
        const EnvelopePtr envelope = Envelope::make(std::move(draft), {{}, {}, nullptr, small.clock.now()});
        Template encoded;
        session.encode(*envelope, {}, encoded);
        return session.deliver({envelope, encoded, Qos::at_most_once, false, {}});
    }
};

TEST_F(ModelledSend, IsRefusedWhereNoneOrSeveralWouldGetIt) {
    const auto line = connect("alice");
    subscribe(*line, "a/b");
    Session& alice = *small.gate.open_sessions.at(0);
    EXPECT_EQ(send_to(alice, "a/c"), DeliverResult::refused) << "a/# has it, and no socket wants it";
    EXPECT_EQ(send_to(alice, "a/bc"), DeliverResult::queued);
    const auto other = connect("bob");
    subscribe(*other, "a/bc");
    EXPECT_EQ(send_to(alice, "a/bc"), DeliverResult::refused) << "bob would get it, too";
    EXPECT_EQ(send_to(alice, "a/bd"), DeliverResult::queued);
    settle();
    EXPECT_FALSE(other->closed());
}

// libzmq hands over what a connection still had when its number is another one's already, perhaps of the same user.
TEST_F(ModelledSend, IsNotTakenForWhatOneThatHasGoneStillWanted) {
    const auto stays = connect("alice");
    subscribe(*stays, "z");
    const auto gone = connect("alice");
    subscribe(*gone, "a");
    send(*gone, {"\1b"});
    const auto next = succeed(*gone, "alice");
    settle();
    Session& alice = *small.gate.open_sessions.at(0);
    EXPECT_EQ(send_to(alice, "z"), DeliverResult::queued);
    EXPECT_EQ(send_to(alice, "b"), DeliverResult::refused);
    subscribe(*next, "b");
    EXPECT_EQ(send_to(alice, "b"), DeliverResult::queued);
}

TEST_F(ModelledSend, IsNotTakenForTheFirstWordOfOneThatHasGone) {
    const auto stays = connect("alice");
    subscribe(*stays, "z");
    const auto gone = connect("alice");
    send(*gone, {"\1b"});
    const auto next = succeed(*gone, "alice");
    settle();
    Session& alice = *small.gate.open_sessions.at(0);
    EXPECT_EQ(send_to(alice, "b"), DeliverResult::refused);
    subscribe(*next, "b");
    EXPECT_EQ(send_to(alice, "b"), DeliverResult::queued);
}

// Somebody elsewhere is asked about what is for alice.
TEST_F(ModelledSubscribeDoor, WhatOneWaitsForHoldsUpOnlyWhatIsForThatOneToo) {
    const auto alice = connect("alice"), bob = connect("bob");
    for (const char* prefix : {"a/", "both/"}) subscribe(*alice, prefix);
    for (const char* prefix : {"b/", "both/"}) subscribe(*bob, prefix);
    Session& asks = *small.gate.open_sessions.at(0);
    const auto subscriptions = small.gate.subscriptions;
    const auto publish_asking = [&](const char* topic, const char* body) {
        std::erase_if(small.gate.subscriptions, [&](const auto& each) { return each.session == &asks; });
        small.gate.inject(topic, body);
        small.gate.subscriptions = subscriptions;
        asks.withheld(small.gate.published.back().envelope);
        settle();
        return small.gate.published.back().envelope;
    };
    const EnvelopePtr first = publish_asking("a/x", "1");
    small.gate.inject("b/x", "2");
    settle();
    EXPECT_EQ(bodies(*bob), std::vector<std::string>{"2"});
    const EnvelopePtr third = publish_asking("both/x", "3");
    small.gate.inject("b/x", "4");
    settle();
    EXPECT_EQ(bodies(*bob), std::vector<std::string>{}) << "in their order";
    for (const EnvelopePtr& each : {first, third}) {
        Template encoded;
        asks.encode(*each, asks.variant({}), encoded);
        asks.deliver({each, encoded, Qos::at_most_once, false, {}});
    }
    asks.withheld(nullptr);
    settle();
    EXPECT_EQ(bodies(*bob), (std::vector<std::string>{"3", "4"}));
    EXPECT_EQ(bodies(*alice), (std::vector<std::string>{"1", "3"}));
}

// libzmq cannot take a subscription back: the connection goes, and what it wants is judged afresh when it comes again.
TEST_F(ModelledSubscribeDoor, WhoseSubscriptionIsRevokedIsCut) {
    const auto line = connect("alice");
    subscribe(*line, "a/");
    const auto filter = TopicFilter::parse({}, "a/#");
    small.gate.open_sessions.at(0)->revoked(*filter, "not any more");
    EXPECT_EQ(small.gate.closed, std::vector<CloseReason>{CloseReason::not_authorized});
    run_core();
    EXPECT_TRUE(line->closed());
}

TEST_F(ModelledSubscribeDoor, ANumberThatComesAgainBringsNobodyTheRightsOfWhoHadIt) {
    small.gate.denied = [this](Verb verb, std::string_view) { return verb == Verb::subscribe && small.gate.open_sessions.back()->principal()->name == "bob"; };
    const auto alice = connect("alice");
    send(*alice, {"\1a/"});
    const auto bob = succeed(*alice, "bob");
    send(*bob, {"\1a/"});
    settle();
    EXPECT_TRUE(bob->prefixes.empty());
    small.gate.inject("a/b", "not for bob");
    settle();
    EXPECT_EQ(bodies(*bob), std::vector<std::string>{});
}

// Whether he may have it nobody has asked.
TEST_F(ModelledSubscribeDoor, WhoIsAdmittedGetsNothingThatWasOnItsWayBefore) {
    const auto alice = connect("alice");
    const auto bob = connect("bob");
    subscribe(*alice, "a/");
    small.gate.hold = true;
    send(*bob, {"\1a/"});
    settle();
    for (int number = 0; number < 6; ++number) small.gate.inject("a/b", std::to_string(number));  // two more than libzmq keeps
    small.gate.release();
    run_core();
    EXPECT_EQ(bodies(*alice), (std::vector<std::string>{"0", "1", "2", "3"}));
    settle();
    EXPECT_EQ(bodies(*alice), (std::vector<std::string>{"4", "5"}));
    EXPECT_EQ(bodies(*bob), std::vector<std::string>{});
    small.gate.inject("a/b", "6");
    settle();
    EXPECT_EQ(bodies(*bob), std::vector<std::string>{"6"});
}

// The verdict on a message is known only when all have been asked: whoever comes or goes meanwhile waits.
TEST_F(ModelledSubscribeDoor, AMessageReachesThoseWhoWantedItWhenItCame) {
    const auto alice = connect("alice");
    const auto bob = connect("bob");
    subscribe(*alice, "a/");
    subscribe(*bob, "b/");
    send(*alice, {std::string(1, '\0') + "a/"});
    small.gate.inject("a/b", "1");
    settle();
    EXPECT_EQ(bodies(*alice), std::vector<std::string>{"1"});
    EXPECT_TRUE(alice->prefixes.empty());
}

TEST_F(ModelledSubscribeDoor, AtTheEndWhatWaitsForOneGoesToTheOthers) {
    const auto idle = connect("alice");
    const auto busy = connect("alice");
    subscribe(*idle, "a");
    subscribe(*busy, "a");
    for (int number = 0; number < 4; ++number) small.gate.inject("a", std::to_string(number));
    std::vector<std::string> got = bodies(*busy);
    for (int number = 4; number < 6; ++number) small.gate.inject("a", std::to_string(number));
    door->drain();
    run_core();
    for (const std::string& body : bodies(*busy)) got.push_back(body);
    EXPECT_EQ(got, (std::vector<std::string>{"0", "1", "2", "3", "4", "5"}));
}

TEST_F(ModelledSubscribeDoor, WhoReadsLosesNothingBecauseOfOneWhoDoesNot) {
    const auto idle = connect("alice");
    const auto busy = connect("alice");
    subscribe(*idle, "a");
    subscribe(*busy, "a");
    std::vector<std::string> sent, got;
    for (int number = 0; number < 4; ++number) small.gate.inject("a", sent.emplace_back(std::to_string(number)));
    got = bodies(*busy);
    for (int number = 4; number < 20; ++number) small.gate.inject("a", sent.emplace_back(std::to_string(number)));
    for (int round = 0; round < 20; ++round) {
        pass(std::chrono::milliseconds(100));
        for (const std::string& body : bodies(*busy)) got.push_back(body);
    }
    EXPECT_EQ(got, sent);
    EXPECT_EQ(bodies(*idle).size(), 4U);
}

}  // namespace
}  // namespace junctor::zeromq
