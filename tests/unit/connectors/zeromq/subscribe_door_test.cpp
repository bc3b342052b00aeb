#include "connectors/zeromq/subscribe_door.hpp"

#include <poll.h>

#include "tests/unit/connectors/zeromq/subscribe_door_fixture.hpp"

namespace junctor::zeromq {
namespace {

using ZeromqSubscribeDoor = SubscribeDoorFixture;

TEST_F(ZeromqSubscribeDoor, PrefixesBecomeInterestAndGoWithTheirSubscriber) {
    auto one = connect(zmq::socket_type::sub);
    auto two = connect(zmq::socket_type::sub);
    one->subscribe("a/b");
    two->subscribe("a/c");
    two->subscribe("x/y/z");
    ASSERT_TRUE(run_until([&] { return filters() == std::vector<std::string>{"a/#", "x/y/#"}; }));
    two.reset();
    ASSERT_TRUE(run_until([&] { return filters() == std::vector<std::string>{"a/#"}; }));
    one->unsubscribe("a/b");
    ASSERT_TRUE(run_until([&] { return filters().empty(); }));
}

TEST_F(ZeromqSubscribeDoor, WhoComesBeforeTheDoorHasBegunIsHeard) {
    auto early = connect(zmq::socket_type::sub);
    early->subscribe("a/b");
    ::poll(nullptr, 0, 50);  // its question who it is should be there when anything begins
    EXPECT_TRUE(run_until([&] { return filters() == std::vector<std::string>{"a/#"}; }));
}

TEST_F(ZeromqSubscribeDoor, OverlappingPrefixesDeliverOnce) {
    auto subscriber = connect(zmq::socket_type::sub);
    subscribe(*subscriber, "a");
    subscribe(*subscriber, "a/b");
    subscribe(*subscriber, "");
    small.gate.inject("a/bc", "1");
    finish(*subscriber, "a/b");
    EXPECT_EQ(subscriber->received, (std::vector<Message>{{"a/bc", "1"}}));
}

TEST_F(ZeromqSubscribeDoor, HeadersAreAThirdFrameOnlyWhereThereAreAny) {
    auto subscriber = connect(zmq::socket_type::sub);
    subscribe(*subscriber, "a");
    auto extras = std::make_unique<Extras>();
    extras->content_type = "text/plain";
    small.gate.inject("a", "rich", std::move(extras));
    finish(*subscriber, "a");
    EXPECT_EQ(subscriber->received, (std::vector<Message>{{"a", "rich", R"({"content_type":"text/plain"})"}}));
}

TEST_F(ZeromqSubscribeDoor, TheGatewaysOwnTopicsStayOutOfTheEmptyPrefix) {
    auto everything = connect(zmq::socket_type::sub);
    auto own = connect(zmq::socket_type::sub);
    subscribe(*everything, "");
    subscribe(*own, "$SYS/");
    small.gate.inject("$SYS/x", "event");
    finish(*everything, "plain");
    finish(*own, "$SYS/end");
    EXPECT_EQ(everything->received, std::vector<Message>{});
    EXPECT_EQ(own->received, (std::vector<Message>{{"$SYS/x", "event"}}));
}

TEST_F(ZeromqSubscribeDoor, TheEmptyPrefixAndAOneByteOneGoApart) {
    auto subscriber = connect(zmq::socket_type::sub);
    subscribe(*subscriber, "");
    subscribe(*subscriber, "a");
    subscriber->unsubscribe("a");
    subscribe(*subscriber, "b");
    small.gate.inject("abc", "1");
    finish(*subscriber, "b");
    EXPECT_EQ(subscriber->received, (std::vector<Message>{{"abc", "1"}}));
    subscriber->unsubscribe("");
    subscribe(*subscriber, "c");
    small.gate.inject("abc", "2");
    small.gate.inject("bcd", "3");
    subscriber->received.clear();
    finish(*subscriber, "c");
    EXPECT_EQ(subscriber->received, (std::vector<Message>{{"bcd", "3"}}));
}

TEST_F(ZeromqSubscribeDoor, ARefusedPrefixIsNotAdmitted) {
    small.gate.denied = [](Verb verb, std::string_view object) { return verb == Verb::subscribe && object == "secret/#"; };
    auto subscriber = connect(zmq::socket_type::sub);
    subscriber->subscribe("secret/x");
    subscribe(*subscriber, "open/");
    EXPECT_EQ(filters(), std::vector<std::string>{"open/#"});
}

TEST_F(ZeromqSubscribeDoor, ARefusalThatTakesTimeLeavesNothingBehind) {
    small.gate.denied = [](Verb verb, std::string_view object) { return verb == Verb::subscribe && object == "secret/#"; };
    small.gate.hold = true;
    auto subscriber = connect(zmq::socket_type::sub);
    subscriber->subscribe("secret/x");
    subscriber->subscribe("open/x");
    ASSERT_TRUE(run_until([&] {
        small.gate.release();
        return filters() == std::vector<std::string>{"open/#"};
    }));
    small.gate.hold = false;
    small.gate.denied = nullptr;
    auto other = connect(zmq::socket_type::sub);
    other->subscribe("secret/x");
    EXPECT_TRUE(run_until([&] { return filters() == std::vector<std::string>({"open/#", "secret/#"}); }));
}

// What PUB and SUB users know, checked against the definition with real sockets.
TEST_F(ZeromqSubscribeDoor, DeliversExactlyWhatThePrefixesMatch) {
    test::SeededRandom random(11);
    static constexpr std::string_view pieces[] = {"a", "b", "/", "ab", "\xc3\xa4"};
    const auto text = [&](std::size_t longest) {
        std::string made;
        for (std::size_t count = random.below(longest + 1); count > 0; --count) made += pieces[random.below(std::size(pieces))];
        return made;
    };
    for (int round = 0; round < 10; ++round) {
        auto subscriber = connect(zmq::socket_type::sub);
        std::multiset<std::string> prefixes{"end/"};
        for (int change = 0; change < 12; ++change) {
            if (!prefixes.empty() && random.below(3) == 0) {
                const auto gone = std::next(prefixes.begin(), static_cast<std::ptrdiff_t>(random.below(prefixes.size())));
                if (*gone == "end/") continue;
                subscriber->unsubscribe(*gone);
                prefixes.erase(gone);
            } else {
                prefixes.insert(text(4));
                if (prefixes.size() > 12) break;
            }
        }
        subscriber = connect(zmq::socket_type::sub);
        for (const std::string& prefix : prefixes) subscriber->subscribe(prefix);
        subscribe(*subscriber, "settled/");
        std::vector<Message> expected;
        for (int count = 0; count < 50; ++count) {
            const std::string topic = "a" + text(6);
            small.gate.inject(topic, std::to_string(count));
            const bool matches = std::any_of(prefixes.begin(), prefixes.end(), [&](const std::string& prefix) { return topic.starts_with(prefix); });
            if (matches) expected.push_back({topic, std::to_string(count)});
        }
        finish(*subscriber, "end/x");
        EXPECT_EQ(subscriber->received, expected);
    }
}

TEST_F(ZeromqSubscribeDoor, SubscribersComeBackAfterARevocation) {
    auto subscriber = connect(zmq::socket_type::sub);
    subscribe(*subscriber, "a/");
    small.gate.open_sessions.at(0)->close(CloseReason::administrative, "revoked");
    EXPECT_TRUE(filters().empty());
    ASSERT_TRUE(run_until([&] {
        subscriber->receive();  // libzmq subscribes again when its owner looks at the socket
        return filters() == std::vector<std::string>{"a/#"};
    }));
    EXPECT_EQ(small.gate.closed, std::vector<CloseReason>{CloseReason::administrative});
}

// What an authorizer elsewhere says of `connect`.
TEST_F(ZeromqSubscribeDoor, NothingGoesOutBeforeItMayConnect) {
    small.gate.keep("a/kept", "0");
    auto there = connect(zmq::socket_type::sub);
    subscribe(*there, "a/");
    small.gate.hold_connect = true;
    small.gate.describe = [](Principal& principal) { principal.attributes["token"] = "another"; };
    auto newcomer = connect(zmq::socket_type::sub);
    newcomer->subscribe("a/");
    ASSERT_TRUE(run_until([&] { return small.gate.known_connects.size() == 2; }));
    small.gate.inject("a/b", "unheard");
    ASSERT_TRUE(run_until([&] {
        while (there->receive()) {}
        return !there->received.empty() && there->received.back()[1] == "unheard";
    })) << "who is here already does not wait";
    for (int round = 0; round < 5; ++round) {
        small.advance(SubscribeDoor::replay_interval);
        host.run_once(1);
    }
    EXPECT_FALSE(newcomer->receive());
    EXPECT_EQ(small.gate.open_sessions.size(), 1U);
    small.gate.hold_connect = false;
    small.gate.release();
    ASSERT_TRUE(run_until([&] { return small.gate.open_sessions.size() == 2; }));
    small.gate.inject("a/b", "heard");
    ASSERT_TRUE(run_until([&] {
        while (newcomer->receive()) {}
        return std::ranges::count(newcomer->received, Message{"a/b", "heard"}) == 1;
    }));
}

TEST_F(ZeromqSubscribeDoor, WhoMayNotConnectGetsNothing) {
    small.gate.hold_connect = true;
    auto subscriber = connect(zmq::socket_type::sub);
    subscriber->subscribe("a/");
    ASSERT_TRUE(run_until([&] { return small.gate.known_connects.size() == 1; }));
    small.gate.open_code = Errc::denied;
    small.gate.release();
    subscriber->subscribe("b/");
    ASSERT_TRUE(run_until([&] { return small.gate.known_connects.size() == 2; })) << "each subscription is tried";
    small.gate.release();
    for (int round = 0; round < 20; ++round) host.run_once(1);
    EXPECT_TRUE(small.gate.open_sessions.empty());
    EXPECT_TRUE(small.gate.subscriptions.empty());
}

TEST_F(ZeromqSubscribeDoor, WhoLeavesBeforeItIsKnownHoldsNobodyUp) {
    small.gate.hold_connect = true;
    auto subscriber = connect(zmq::socket_type::sub);
    subscriber->subscribe("a/");
    ASSERT_TRUE(run_until([&] { return small.gate.known_connects.size() == 1; }));
    subscriber.reset();
    small.gate.hold_connect = false;
    auto other = connect(zmq::socket_type::sub);
    other->subscribe("b/");
    EXPECT_TRUE(run_until([&] { return filters() == std::vector<std::string>{"b/#"}; }));
    small.gate.release();
    EXPECT_EQ(small.gate.open_sessions.size(), 1U);
}

TEST_F(ZeromqSubscribeDoor, WhoLosesItsSessionIsCutOffAndNobodyElse) {
    const auto [one, other] = two_vouched_for_apart("a/");
    small.gate.hold_authentication = true;
    small.gate.open_sessions.at(0)->close(CloseReason::not_authorized, "the credentials have expired");
    for (int number = 0; number < 100; ++number) small.gate.inject("a/b", std::to_string(number));
    ASSERT_TRUE(run_until([&] {
        while (other->receive()) {}
        return other->received.size() == 100;
    }));
    ASSERT_TRUE(run_until([&] {
        one->receive();
        return small.gate.credentials.size() == 3;
    })) << "it comes back and is asked who it is";
    EXPECT_TRUE(one->received.empty());
    EXPECT_EQ(small.gate.open_sessions.size(), 1U);
}

TEST_F(ZeromqSubscribeDoor, NobodyTakesBackWhatAnotherHolds) {
    auto subscriber = connect(zmq::socket_type::sub);
    subscribe(*subscriber, "a/b");
    subscribe(*subscriber, "a/c");
    const auto made = raw_subscriber();
    RawSubscriber& other = *made;
    for (int count = 0; count < 3; ++count) other.unsubscribe("a/b");
    other.subscribe("a/c");
    other.subscribe("a/c");
    other.unsubscribe("a/c");
    other.unsubscribe("a/c");
    other.subscribe("end/");
    ASSERT_TRUE(run_until([&] { return filters() == std::vector<std::string>({"a/#", "end/#"}); }));
    small.gate.inject("a/b", "1");
    finish(*subscriber, "a/c");
    EXPECT_EQ(subscriber->received, (std::vector<Message>{{"a/b", "1"}}));
    subscriber.reset();
    EXPECT_TRUE(run_until([&] { return filters() == std::vector<std::string>{"end/#"}; }));
}

TEST_F(ZeromqSubscribeDoor, RetainedValuesFollowASubscription) {
    small.gate.keep("a/b", "1");
    small.gate.keep("a/c", "2");
    small.gate.keep("b/c", "3");
    auto subscriber = connect(zmq::socket_type::sub);
    subscriber->subscribe("a/b");
    ASSERT_TRUE(run_until_received(*subscriber, 1));
    EXPECT_EQ(subscriber->received, (std::vector<Message>{{"a/b", "1", R"({"retain":true})"}}));
    // The filter is held already, and a replay has just been: the next one comes when its time has.
    auto later = connect(zmq::socket_type::sub);
    later->subscribe("a/");
    ASSERT_TRUE(run_until([&] {
        small.advance(std::chrono::milliseconds(100));
        while (later->receive()) {}
        return later->received.size() == 2;
    }));
    EXPECT_EQ(later->received[0][1] + later->received[1][1], "12");
    ASSERT_TRUE(run_until_received(*subscriber, 2));
    EXPECT_EQ(subscriber->received[1], subscriber->received[0]) << "everybody on this socket gets what matches";
}

TEST_F(ZeromqSubscribeDoor, WhoSubscribesTogetherSharesOneReplay) {
    small.gate.keep("a/b", "1");
    small.gate.keep("$SYS/x", "own");
    auto first = connect(zmq::socket_type::sub);
    first->subscribe("a/b");
    ASSERT_TRUE(run_until_received(*first, 1));
    std::vector<std::unique_ptr<TestSocket>> more;
    for (const std::string_view prefix : {"", "a/", "a/b", "$SYS/"}) {
        const std::string marker = std::to_string(more.size()) + "/";
        more.push_back(connect(zmq::socket_type::sub));
        more.back()->subscribe(prefix);
        more.back()->subscribe(marker);  // seen behind the other one, whose filter may be there already
    }
    ASSERT_TRUE(run_until([&] { return filters() == std::vector<std::string>({"#", "$SYS/#", "0/#", "1/#", "2/#", "3/#", "a/#"}); }));
    for (int round = 0; round < 3; ++round) small.advance(SubscribeDoor::replay_interval);
    for (const auto& socket : more) ASSERT_TRUE(run_until_received(*socket, 1));
    small.gate.inject("a/b", "end");
    ASSERT_TRUE(run_until_received(*first, 3));
    EXPECT_EQ(first->received[1], (Message{"a/b", "1", R"({"retain":true})"}));
    EXPECT_EQ(first->received[2], (Message{"a/b", "end"}));
    EXPECT_EQ(more.back()->received[0][0], "$SYS/x");
}

TEST_F(ZeromqSubscribeDoor, IsAtRestWhenNothingHappens) {
    auto subscriber = connect(zmq::socket_type::sub);
    subscribe(*subscriber, "a/");
    for (int round = 0; round < 20; ++round) host.run_once(1);
    EXPECT_EQ(host.run_once(0), 0U);
}

}  // namespace
}  // namespace junctor::zeromq
