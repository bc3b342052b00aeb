#include "core/runtime/stream_set.hpp"

#include "tests/unit/core/runtime/stream_fixture.hpp"

namespace junctor {
namespace {

using namespace std::chrono_literals;

class StreamSetTest : public StreamFixture {
protected:
    /// It is no newcomer any more.
    std::unique_ptr<PeerSocket> connect_and_begin() {
        std::unique_ptr<PeerSocket> peer = connect();
        handler->stream.established();
        peer->send("x");
        settle();
        return peer;
    }
};

TEST_F(StreamSetTest, OverTheConnectionLimitThereIsTimeToSaySo) {
    limits.connections = 2;
    const auto first = connect();
    EXPECT_FALSE(handler->stream.surplus());
    const auto second = connect();
    const auto third = connect();
    EXPECT_TRUE(handler->stream.surplus());
    EXPECT_EQ(loops[0]->metrics().read(endpoint->refused.cell), 1);
    handler->stream.send(as_bytes("full"));
    handler->stream.close(CloseReason::overloaded);
    settle();
    EXPECT_EQ(third->read(), "full");
    EXPECT_TRUE(third->ended);
    third->close();
    settle();
    EXPECT_EQ(sets[0]->size(), 2U);
    const auto fourth = connect();
    EXPECT_TRUE(handler->stream.surplus()) << "whoever went was none of the two";
}

TEST_F(StreamSetTest, OverTheConnectionLimitNobodyStays) {
    limits.connections = 0;
    const auto silent = connect();
    pass(TcpStream::surplus_limit + 1s);
    EXPECT_EQ(seen.closed, CloseReason::handshake_timeout);
    const auto let_in = connect();
    handler->stream.established();
    settle();
    EXPECT_EQ(seen.closed, CloseReason::overloaded);
}

TEST_F(StreamSetTest, AFloodOverTheConnectionLimitIsClosedWithoutAWord) {
    limits.connections = 0;
    std::vector<std::unique_ptr<PeerSocket>> peers;
    for (std::size_t i = 0; i <= ConnectionCount::most_surplus; ++i) peers.push_back(connect());
    EXPECT_EQ(sets[0]->size(), ConnectionCount::most_surplus);
    peers.back()->read();
    EXPECT_TRUE(peers.back()->ended);
}

// More is ready than a round may read.
TEST_F(StreamSetTest, EverybodyIsReadOnceBeforeAnybodyIsReadAgain) {
    constexpr std::size_t count = 200;
    std::vector<std::unique_ptr<PeerSocket>> peers;
    std::vector<int> read(count, 0);
    prepare = [&](ScriptedHandler& made) {
        made.on_received = [&read, at = peers.size()](Bytes bytes) {
            ++read[at];
            return bytes.size();
        };
    };
    for (std::size_t i = 0; i < count; ++i) peers.push_back(connect_and_begin());
    const std::string load(4 << 10, 'x');
    for (int round = 0; round < 200; ++round) {
        for (const auto& peer : peers) static_cast<void>(::send(peer->descriptor(), load.data(), load.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
        loops[0]->run_round();
        const auto [least, most] = std::ranges::minmax(read);
        ASSERT_LE(most - least, 1) << "in round " << round;
    }
    EXPECT_GT(read[0], 3);
}

// Many send as much as they can, one sends a little now and then: it is read in the very round in which that comes.
TEST_F(StreamSetTest, WhoAsksForLittleDoesNotWaitForThoseWhoAskForMuch) {
    constexpr std::size_t count = 200;
    std::vector<std::unique_ptr<PeerSocket>> peers;
    for (std::size_t i = 0; i < count; ++i) peers.push_back(connect_and_begin());
    int little_read = 0;
    prepare = [&](ScriptedHandler& made) {
        made.on_received = [&](Bytes bytes) {
            ++little_read;
            return bytes.size();
        };
    };
    const auto little = connect_and_begin();
    little_read = 0;
    const std::string load(4 << 10, 'x');
    const auto rounds = [&](int number) {
        for (int round = 0; round < number; ++round) {
            for (const auto& peer : peers) static_cast<void>(::send(peer->descriptor(), load.data(), load.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
            clock.advance(1ms);
            loops[0]->run_round();
        }
    };
    rounds(200);
    for (int i = 1; i <= 20; ++i) {
        little->send("little");
        rounds(1);
        ASSERT_EQ(little_read, i);
        rounds(7);
    }
}

// Each of them costs a session, or the agreement on keys.
TEST_F(StreamSetTest, AStormOfNewcomersLeavesMostOfARoundToTheOthers) {
    std::vector<std::unique_ptr<PeerSocket>> peers;
    int heard = 0;
    prepare = [&](ScriptedHandler& made) {
        made.on_received = [&](Bytes bytes) {
            ++heard;
            return bytes.size();
        };
    };
    for (int i = 0; i < 100; ++i) peers.push_back(connect());
    for (const auto& peer : peers) peer->send("let me in");
    loops[0]->run_round();
    EXPECT_EQ(heard, 16);
    for (int round = 0; round < 6; ++round) loops[0]->run_round();
    EXPECT_EQ(heard, 100);
}

TEST_F(StreamSetTest, SoDoManyThatGoAtOnce) {
    std::vector<std::unique_ptr<PeerSocket>> peers;
    for (int i = 0; i < 100; ++i) peers.push_back(connect_and_begin());
    for (const auto& peer : peers) peer->close();
    loops[0]->run_round();
    EXPECT_EQ(sets[0]->size(), 68U);
    settle();
    EXPECT_EQ(sets[0]->size(), 0U);
}

TEST_F(StreamSetTest, IsCrowdedUntilConnectionsAuthenticateOrGo) {
    limits.unauthenticated_connections = 2;
    const auto first = connect();
    EXPECT_FALSE(sets[0]->crowded());
    const auto second = connect();
    EXPECT_TRUE(sets[0]->crowded());
    handler->stream.established();
    handler->stream.established();
    EXPECT_FALSE(sets[0]->crowded());
    const auto third = connect();
    EXPECT_TRUE(sets[0]->crowded());
    third->close();
    settle();
    EXPECT_FALSE(sets[0]->crowded());
}

TEST_F(StreamSetTest, DrainingSaysGoodbyeToAllAlsoToThoseWhoArriveLater) {
    const auto peer = connect();
    handler->on_received = [this](Bytes) {
        handler->stream.move_to({1});
        return std::size_t{0};
    };
    peer->send("x");
    loops[0]->run_round();
    Departure all;
    all.all = true;
    for (const auto& set : sets) set->drain(all);
    EXPECT_EQ(seen.drained, 0);
    settle();
    EXPECT_EQ(seen.drained, 1);
    EXPECT_EQ(seen.closed, CloseReason::server_shutdown);
}

TEST_F(StreamSetTest, WhoLeavesTakesItsConnectionsAlongAndNobodyElses) {
    const OwnerId leaving{1}, staying{2};
    const auto first = connect();
    ScriptedHandler* const goes = handler;
    goes->stream.belongs_to(leaving);
    const auto second = connect();
    handler->stream.belongs_to(staying);
    const auto third = connect();
    Departure departure;
    departure.owners = {leaving};
    sets[0]->drain(departure);
    settle();
    for (const auto& peer : {&first, &second, &third}) (*peer)->read();
    EXPECT_TRUE(first->ended);
    EXPECT_FALSE(second->ended);
    EXPECT_FALSE(third->ended);
}

TEST_F(StreamSetTest, ADrainSparesAnAddressButNotThoseWhoShareIt) {
    const OwnerId admin{1}, guest{2};
    const auto idle = connect();
    const auto first = connect();
    handler->stream.belongs_to(admin);
    const auto second = connect();
    handler->stream.belongs_to(guest);
    Departure everybody;
    everybody.all = true;
    everybody.spare(*endpoint, admin);
    sets[0]->drain(everybody);
    settle();
    for (const auto& peer : {&idle, &first, &second}) (*peer)->read();
    EXPECT_FALSE(idle->ended);
    EXPECT_FALSE(first->ended);
    EXPECT_TRUE(second->ended);
}

TEST_F(StreamSetTest, ARoundReadsNoMoreThanItsBudget) {
    std::vector<std::unique_ptr<PeerSocket>> peers;
    std::size_t total = 0;
    prepare = [&](ScriptedHandler& made) {
        made.on_received = [&](Bytes bytes) {
            total += bytes.size();
            return bytes.size();
        };
    };
    for (int i = 0; i < 10; ++i) peers.push_back(connect_and_begin());
    peers.front()->send(std::string(64 << 10, 'x'));
    settle();  // reads are large now
    total = 0;
    for (const auto& peer : peers) peer->send(std::string(64 << 10, 'x'));
    loops[0]->run_round();
    EXPECT_GE(total, 256U << 10);
    EXPECT_LT(total, 320U << 10);
    settle();
    EXPECT_EQ(total, 640U << 10);
}

/// The sizes in which 64 KiB are read while every read is answered with so many messages.
class StreamSetShareTest : public StreamSetTest {
protected:
    std::vector<std::size_t> reads_of_64_kib(int answers) {
        answers_ = answers;
        sizes_.clear();
        peer_->send(std::string(64 << 10, 'x'));
        settle();
        peer_->read();
        return sizes_;
    }

    void SetUp() override {
        prepare = [this](ScriptedHandler& made) {
            made.on_received = [this, &made](Bytes bytes) {
                sizes_.push_back(bytes.size());
                for (int i = 0; i < answers_; ++i) made.stream.send(as_bytes("answer"));
                return bytes.size();
            };
        };
        peer_ = connect();
    }

    std::unique_ptr<PeerSocket> peer_;
    std::vector<std::size_t> sizes_;
    int answers_ = 0;
};

TEST_F(StreamSetShareTest, ReadsGrowWhileFewMessagesShareAWrite) {
    const std::vector<std::size_t> expected{4 << 10, 8 << 10, 16 << 10, 32 << 10, 4 << 10};
    EXPECT_EQ(reads_of_64_kib(1), expected);
}

TEST_F(StreamSetShareTest, ReadsGrowWhileNothingIsWritten) {
    const std::vector<std::size_t> expected{4 << 10, 8 << 10, 16 << 10, 32 << 10, 4 << 10};
    EXPECT_EQ(reads_of_64_kib(0), expected);
}

TEST_F(StreamSetShareTest, ReadsStaySmallWhileManyMessagesShareAWrite) {
    EXPECT_EQ(reads_of_64_kib(40), std::vector<std::size_t>(16, 4 << 10));
}

TEST_F(StreamSetShareTest, ReadsShrinkAgainWhenManyMessagesShareAWrite) {
    reads_of_64_kib(0);
    const std::vector<std::size_t> expected{64 << 10};
    EXPECT_EQ(reads_of_64_kib(100), expected);
    EXPECT_EQ(reads_of_64_kib(100), (std::vector<std::size_t>{32 << 10, 16 << 10, 8 << 10, 4 << 10, 4 << 10}));
}

TEST_F(StreamSetTest, CountsBytesAndReasons) {
    const auto peer = connect();
    handler->stream.send(as_bytes("four"));
    peer->send("seven77");
    settle();
    handler->stream.close(CloseReason::quota_exceeded, {});
    settle();
    const Metrics& metrics = loops[0]->metrics();
    EXPECT_EQ(metrics.read(endpoint->bytes_out.cell), 4);
    EXPECT_EQ(metrics.read(endpoint->bytes_in.cell), 7);
    EXPECT_EQ(metrics.read(endpoint->open.cell), 1);
    EXPECT_EQ(metrics.read(endpoint->closed[static_cast<std::size_t>(CloseReason::quota_exceeded)].cell), 1);
    peer->close();
    settle();
    EXPECT_EQ(metrics.read(endpoint->open.cell), 0);
}

}  // namespace
}  // namespace junctor
