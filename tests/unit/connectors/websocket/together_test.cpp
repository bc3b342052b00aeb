// Connections on the real kernel: gate, router and one to three simulated cores.
#include <gtest/gtest.h>

#include <string>

#include "connectors/websocket/connection.hpp"
#include "tests/support/fake_stream.hpp"
#include "tests/support/test_cluster.hpp"

namespace junctor::websocket {
namespace {

using namespace std::chrono_literals;
using test::FakeStream;
using test::TestCluster;

/// A client as its wire sees it.
class Peer {
public:
    Peer(TestCluster& cluster, std::size_t core) : cluster_(cluster), stream_(cluster.core(core)) {
        stream_.message_mode = true;
        Credentials credentials;
        credentials.loopback = true;
        auto connection = std::make_unique<Connection>(stream_, Ref<Settings>(new Settings));
        Connection& made = *connection;
        stream_.attach(std::move(connection));
        made.admit(std::move(credentials));
    }
    ~Peer() { stream_.finish(CloseReason::connection_lost); }

    /// What came since the last call, after the frame and whatever it brought about.
    std::vector<std::string> says(std::string_view frame) {
        stream_.receive(frame);
        if (stream_.moved_to) stream_.arrive(cluster_.core(stream_.moved_to->value));
        cluster_.settle();
        return hears();
    }
    std::vector<std::string> hears() {
        std::vector<std::string> frames;
        for (const ByteBuffer& message : stream_.messages) frames.emplace_back(as_text(message));
        stream_.messages.clear();
        return frames;
    }
    std::optional<CloseReason> closed_as() const { return stream_.closed_as; }

private:
    TestCluster& cluster_;
    FakeStream stream_;
};

using Frames = std::vector<std::string>;

class Together : public testing::TestWithParam<std::uint16_t> {
protected:
    TestCluster cluster{GetParam()};
    Peer one{cluster, 0};
    Peer two{cluster, GetParam() - std::size_t{1}};
};

TEST_P(Together, WhatOnePublishesTheOtherGets) {
    EXPECT_EQ(two.says(R"({"op":"subscribe","id":1,"filter":"a/#","qos":1})"), Frames{R"({"op":"ack","id":1})"});
    EXPECT_EQ(one.says(R"({"op":"publish","id":"p","topic":"a/b","data":"text"})"), Frames{R"({"op":"ack","id":"p"})"});
    EXPECT_EQ(two.hears(), Frames{R"({"op":"message","topic":"a/b","data":"text"})"});
    EXPECT_EQ(one.says(R"({"op":"publish","topic":"a/b","data":{"x": 1},"qos":2,"headers":[["k","1"],["k","2"]]})"), Frames{});
    EXPECT_EQ(two.hears(), Frames{R"({"op":"message","qos":1,"topic":"a/b","data":"{\"x\": 1}","content_type":"application/json","headers":[["k","1"],["k","2"]]})"});
    EXPECT_EQ(two.says(R"({"op":"unsubscribe","id":2,"filter":"a/#"})"), Frames{R"({"op":"ack","id":2})"});
    one.says(R"({"op":"publish","topic":"a/b"})");
    EXPECT_EQ(two.hears(), Frames{});
}

TEST_P(Together, UnsubscribingFromNothingIsAnError) {
    const Frames told = one.says(R"({"op":"unsubscribe","id":2,"filter":"a/#"})");
    ASSERT_EQ(told.size(), 1u);
    EXPECT_NE(told[0].find(R"("id":2,"code":"bad_filter","reason":"no subscription has this filter")"), std::string::npos) << told[0];
}

TEST_P(Together, AKeptValueComesWithItsFlag) {
    one.says(R"({"op":"publish","topic":"k","data":"v","retain":true})");
    const Frames told = two.says(R"({"op":"subscribe","id":1,"filter":"k"})");
    EXPECT_EQ(told, (Frames{R"({"op":"ack","id":1})", R"({"op":"message","retain":true,"topic":"k","data":"v"})"}));
}

TEST_P(Together, ARequestFindsItsAnswer) {
    two.says(R"({"op":"subscribe","filter":"service"})");
    EXPECT_EQ(one.says(R"({"op":"request","id":7,"topic":"service","data":"q","correlation":"mine"})"), Frames{});
    const Frames asked = two.hears();
    ASSERT_EQ(asked.size(), 1u);
    const std::size_t at = asked[0].find(R"("reply_to":")") + 12;
    const std::string address = asked[0].substr(at, asked[0].find('"', at) - at);
    EXPECT_TRUE(address.starts_with("$inbox/")) << asked[0];
    EXPECT_EQ(two.says(R"({"op":"reply","id":1,"data":"a","reply_to":")" + address + "\"}"), Frames{R"({"op":"ack","id":1})"});
    const Frames answered = one.hears();
    ASSERT_EQ(answered.size(), 1u);
    EXPECT_TRUE(answered[0].starts_with(R"({"op":"reply","id":7,"data":"a")")) << answered[0];
    EXPECT_NE(two.says(R"({"op":"reply","id":2,"data":"again","reply_to":")" + address + "\"}"), Frames{R"({"op":"ack","id":2})"}) << "once only";
    EXPECT_EQ(one.hears(), Frames{});
}

TEST_P(Together, ARequestThatNobodyAnswers) {
    Frames told = one.says(R"({"op":"request","id":1,"topic":"nobody"})");
    ASSERT_EQ(told.size(), 1u);
    EXPECT_NE(told[0].find(R"("code":"no_receivers")"), std::string::npos) << told[0];
    two.says(R"({"op":"subscribe","filter":"silent"})");
    EXPECT_EQ(one.says(R"({"op":"request","id":2,"topic":"silent","timeout":"2s"})"), Frames{});
    cluster.advance(3s);
    told = one.hears();
    ASSERT_EQ(told.size(), 1u);
    EXPECT_NE(told[0].find(R"("id":2,"code":"timed_out")"), std::string::npos) << told[0];
}

TEST_P(Together, ANamedSessionHasAnAddressAndOneHolder) {
    EXPECT_EQ(one.says(R"({"op":"hello","id":1,"name":"desk"})"), Frames{R"({"op":"ack","id":1})"});
    EXPECT_EQ(two.says(R"({"op":"publish","id":1,"topic":"$to/desk","data":"for you"})"), Frames{R"({"op":"ack","id":1})"});
    EXPECT_EQ(one.hears(), Frames{R"({"op":"message","topic":"$to/desk","data":"for you"})"});
    Peer other(cluster, 0);
    EXPECT_EQ(other.says(R"({"op":"hello","id":1,"name":"desk"})"), Frames{R"({"op":"ack","id":1})"});
    EXPECT_EQ(one.closed_as(), CloseReason::taken_over);
    two.says(R"({"op":"publish","topic":"$to/desk","data":"again"})");
    EXPECT_EQ(other.hears(), Frames{R"({"op":"message","topic":"$to/desk","data":"again"})"});
}

TEST_P(Together, ASendReachesExactlyOne) {
    Peer three(cluster, 0);
    two.says(R"({"op":"subscribe","filter":"jobs"})");
    three.says(R"({"op":"subscribe","filter":"jobs"})");
    EXPECT_EQ(one.says(R"({"op":"send","id":1,"topic":"jobs","data":"j"})"), Frames{R"({"op":"ack","id":1})"});
    EXPECT_EQ(two.hears().size() + three.hears().size(), 1u);
}

INSTANTIATE_TEST_SUITE_P(Cores, Together, testing::Values(1, 3));

}  // namespace
}  // namespace junctor::websocket
