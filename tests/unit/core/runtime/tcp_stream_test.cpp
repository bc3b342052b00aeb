#include "core/runtime/tcp_stream.hpp"

#include "tests/support/fake_queue_share.hpp"
#include "tests/unit/core/runtime/stream_fixture.hpp"

namespace junctor {
namespace {

using namespace std::chrono_literals;

class TcpStreamTest : public StreamFixture {};

TEST_F(TcpStreamTest, StaysSmall) { EXPECT_LE(sizeof(TcpStream), 152U); }

TEST_F(TcpStreamTest, HandsOverWhatArrivesAndWritesOncePerRound) {
    const auto peer = connect();
    handler->on_received = [this](Bytes bytes) {
        handler->stream.send(bytes);
        handler->stream.send(as_bytes("!"));
        return bytes.size();
    };
    peer->send("hello");
    loops[0]->run_round();
    EXPECT_EQ(seen.bytes, "hello");
    EXPECT_EQ(peer->read(), "hello!");
    EXPECT_EQ(handler->stream.queued(), 0U);
    EXPECT_EQ(handler->stream.last_received(), clock.now());
}

TEST_F(TcpStreamTest, AnUnconsumedTailComesAgainInFrontOfTheNextBytes) {
    const auto peer = connect();
    handler->on_received = [](Bytes bytes) { return bytes.size() / 4 * 4; };
    peer->send("abcdef");
    settle();
    peer->send("gh");
    settle();
    EXPECT_EQ(seen.calls, (std::vector<std::string>{"abcdef", "efgh"}));
    peer->send("ijkl");
    settle();
    EXPECT_EQ(seen.calls.back(), "ijkl");
}

TEST_F(TcpStreamTest, ALongTailGrowsToOnePiece) {
    const auto peer = connect();
    const std::string part(100'000, 'p');
    handler->on_received = [](Bytes bytes) { return bytes.size() >= 300'000 ? bytes.size() : 0; };
    for (int i = 0; i < 3; ++i) {
        peer->send(part);
        settle();
    }
    EXPECT_EQ(seen.bytes, part + part + part);
}

TEST_F(TcpStreamTest, MoreUnconsumedThanTheLimitClosesAsTooLarge) {
    const auto peer = connect();
    handler->limit = 10;
    handler->on_received = [](Bytes) { return std::size_t{0}; };
    peer->send("0123456789");
    settle();
    EXPECT_FALSE(seen.closed);
    peer->send("x");
    settle();
    EXPECT_EQ(seen.closed, CloseReason::too_large);
    peer->read();
    EXPECT_TRUE(peer->ended);
}

TEST_F(TcpStreamTest, APeerThatEndsItsDirectionGetsTheAnswersThatAreUnderWay) {
    const auto peer = connect();
    handler->answers_later = true;
    shutdown(peer->descriptor(), SHUT_WR);
    settle();
    EXPECT_FALSE(seen.closed);
    EXPECT_FALSE(loops[0]->run_round()) << "nothing spins meanwhile";
    handler->stream.send(as_bytes("late"));
    handler->stream.close(CloseReason::normal, {});
    settle();
    EXPECT_EQ(peer->read(), "late");
    EXPECT_TRUE(peer->ended);
    EXPECT_EQ(seen.closed, CloseReason::normal);
}

TEST_F(TcpStreamTest, WhatWasLeftOfAPeerThatEndedItsDirectionComesAgain) {
    const auto peer = connect();
    handler->answers_later = true;
    handler->on_received = [](Bytes) { return std::size_t{0}; };
    peer->send("kept");
    shutdown(peer->descriptor(), SHUT_WR);
    settle();
    EXPECT_FALSE(seen.closed);
    handler->on_received = nullptr;
    handler->stream.pause_reading();
    handler->stream.resume_reading();
    settle();
    EXPECT_EQ(seen.bytes, "kept");
    EXPECT_FALSE(seen.closed);
}

TEST_F(TcpStreamTest, APeerThatIsGoneAltogetherEndsTheWaitForItsAnswers) {
    const auto peer = connect();
    handler->answers_later = true;
    shutdown(peer->descriptor(), SHUT_WR);
    settle();
    peer->close();
    settle();
    EXPECT_EQ(seen.closed, CloseReason::connection_lost);
}

TEST_F(TcpStreamTest, APeerThatGoesIsConnectionLost) {
    const auto peer = connect();
    peer->close();
    settle();
    EXPECT_EQ(seen.closed, CloseReason::connection_lost);
    EXPECT_EQ(sets[0]->size(), 0U);
    EXPECT_EQ(connections.get(), 0U);
}

TEST_F(TcpStreamTest, CloseFlushesFirstAndWaitsForThePeersEnd) {
    const auto peer = connect();
    handler->stream.send(as_bytes("goodbye"));
    handler->stream.close(CloseReason::taken_over, {});
    handler->stream.send(as_bytes("ignored"));
    EXPECT_FALSE(seen.closed) << "told from the loop only";
    settle();
    EXPECT_EQ(seen.closed, CloseReason::taken_over);
    peer->send("still talking");
    settle();
    EXPECT_EQ(seen.bytes, "");
    EXPECT_EQ(peer->read(), "goodbye");
    EXPECT_TRUE(peer->ended);
    EXPECT_EQ(sets[0]->size(), 1U);
    peer->close();
    settle();
    EXPECT_EQ(sets[0]->size(), 0U);
}

TEST_F(TcpStreamTest, LingeringIsBounded) {
    const auto peer = connect();
    handler->stream.close(CloseReason::normal, {});
    settle();
    EXPECT_EQ(sets[0]->size(), 1U);
    pass(TcpStream::linger_limit + 10ms);
    EXPECT_EQ(sets[0]->size(), 0U);
}

TEST_F(TcpStreamTest, APeerThatNeverReadsTheGoodbyeIsGivenUp) {
    const auto peer = connect();
    handler->stream.send(as_bytes(std::string(4 << 20, 'x')));
    handler->stream.close(CloseReason::slow_consumer, {});
    settle();
    EXPECT_FALSE(seen.closed);
    pass(TcpStream::linger_limit + 10ms);
    EXPECT_EQ(seen.closed, CloseReason::slow_consumer);
    EXPECT_EQ(sets[0]->size(), 0U);
}

TEST_F(TcpStreamTest, AbortEndsWithoutFlushing) {
    const auto peer = connect();
    handler->stream.send(as_bytes("never"));
    handler->stream.abort(CloseReason::administrative);
    EXPECT_FALSE(seen.closed);
    settle();
    EXPECT_EQ(seen.closed, CloseReason::administrative);
    EXPECT_EQ(peer->read(), "");
    EXPECT_TRUE(peer->ended);
}

TEST_F(TcpStreamTest, PausingAndResumingAfterTheEndDoesNothing) {
    const auto peer = connect();
    auto& stream = handler->stream;
    handler->on_received = [&stream](Bytes bytes) {
        stream.pause_reading();
        stream.abort(CloseReason::administrative);
        stream.resume_reading();
        stream.pause_reading();
        return bytes.size();
    };
    peer->send("last words");
    settle();
    EXPECT_EQ(seen.closed, CloseReason::administrative);
    EXPECT_EQ(sets[0]->size(), 0U);
}

TEST_F(TcpStreamTest, ASlowReaderFillsTheQueueAndIsToldWhenItHasDrained) {
    const auto peer = connect();
    const std::string block(64 << 10, 's');
    std::size_t sent = 0;
    while (handler->stream.wants_more()) {
        handler->stream.send(as_bytes(block));
        sent += block.size();
        settle();
    }
    EXPECT_EQ(seen.writable, 0);
    std::size_t got = 0;
    while (got < sent) {
        const std::string text = peer->read();
        ASSERT_TRUE(!text.empty() || handler->stream.queued() != 0);
        got += text.size();
        settle();
    }
    EXPECT_EQ(got, sent);
    EXPECT_EQ(seen.writable, 1);
    EXPECT_TRUE(handler->stream.wants_more());
}

TEST_F(TcpStreamTest, WhatAFlushLeavesCountsInTheShareItIsChargedTo) {
    const Ref<test::FakeQueueShare> share(new test::FakeQueueShare(100'000));
    const auto peer = connect();
    handler->stream.charge(share);
    const std::string block(64 << 10, 's');
    handler->stream.send(as_bytes(block));
    EXPECT_EQ(share->used, 0) << "nobody has tried to write it yet";
    std::size_t sent = block.size();
    while (handler->stream.wants_more()) {
        settle();
        EXPECT_EQ(share->used, static_cast<std::int64_t>(handler->stream.queued()));
        handler->stream.send(as_bytes(block));
        sent += block.size();
    }
    EXPECT_LT(handler->stream.queued(), TcpStream::high_water) << "the share is full, not the stream";
    std::size_t got = 0;
    while (got < sent) {
        got += peer->read().size();
        settle();
    }
    EXPECT_EQ(share->used, 0);
    EXPECT_GE(seen.writable, 1);
}

TEST_F(TcpStreamTest, AShareThatOthersFillHoldsUpOnlyWhoHasARestToWrite) {
    const Ref<test::FakeQueueShare> share(new test::FakeQueueShare(100'000));
    const auto peer = connect();
    handler->stream.charge(share);
    share->used += 100'000;
    handler->stream.send(as_bytes("taken"));
    settle();
    EXPECT_EQ(peer->read(), "taken");
    EXPECT_TRUE(handler->stream.wants_more());
    while (handler->stream.wants_more()) {
        handler->stream.send(as_bytes(std::string(64 << 10, 's')));
        settle();
    }
    EXPECT_LT(handler->stream.queued(), TcpStream::high_water);
    EXPECT_EQ(seen.writable, 0);
    while (!handler->stream.wants_more()) {
        peer->read();
        settle();
    }
    EXPECT_GE(seen.writable, 1);
    EXPECT_EQ(share->used, 100'000);
    handler->stream.send(as_bytes(std::string(1 << 20, 's')));
    settle();
    EXPECT_GT(share->used, 100'000);
    handler->stream.abort(CloseReason::slow_consumer);
    settle();
    EXPECT_EQ(share->used, 100'000) << "what has gone is given back";
}

TEST_F(TcpStreamTest, PausesAreCountedAndTheRestComesAgainByItself) {
    const auto peer = connect();
    handler->on_received = [this](Bytes) {
        handler->stream.pause_reading();
        handler->stream.pause_reading();
        return std::size_t{1};
    };
    peer->send("abc");
    settle();
    peer->send("def");
    settle();
    EXPECT_EQ(seen.calls, (std::vector<std::string>{"abc"}));
    handler->on_received = nullptr;
    handler->stream.resume_reading();
    settle();
    EXPECT_EQ(seen.calls.size(), 1U);
    handler->stream.resume_reading();
    settle();
    EXPECT_EQ(seen.bytes, "abcdef");
}

TEST_F(TcpStreamTest, APeerThatResetsWhilePausedIsNoticed) {
    const auto peer = connect();
    handler->stream.pause_reading();
    peer->close();
    settle();
    EXPECT_EQ(seen.closed, CloseReason::connection_lost);
}

TEST_F(TcpStreamTest, TheDeadlineFiresOnceUnlessSetAgainOrCleared) {
    const auto peer = connect();
    handler->stream.established();
    handler->stream.set_deadline(5s);
    pass(4s);
    handler->stream.set_deadline(5s);
    pass(4s);
    EXPECT_EQ(seen.timed_out, 0);
    pass(2s);
    EXPECT_EQ(seen.timed_out, 1);
    handler->stream.set_deadline(1s);
    handler->stream.set_deadline(Duration::zero());
    pass(10s);
    EXPECT_EQ(seen.timed_out, 1);
}

TEST_F(TcpStreamTest, WhoDoesNotAuthenticateInTimeIsClosed) {
    const auto peer = connect();
    pass(limits.handshake_timeout + 10ms);
    EXPECT_EQ(seen.closed, CloseReason::handshake_timeout);
}

TEST_F(TcpStreamTest, AnEstablishedConnectionMayStay) {
    const auto peer = connect();
    handler->stream.established();
    pass(limits.handshake_timeout * 10);
    EXPECT_FALSE(seen.closed);
}

TEST_F(TcpStreamTest, AHandlerThatThrowsLosesItsConnectionAndNoOther) {
    const auto other = connect();
    auto* first = handler;
    const auto peer = connect();
    handler->on_received = [](Bytes) -> std::size_t { throw std::runtime_error("bug"); };
    peer->send("x");
    settle();
    EXPECT_EQ(seen.closed, CloseReason::internal_error);
    EXPECT_EQ(sets[0]->size(), 1U);
    first->stream.send(as_bytes("alive"));
    settle();
    EXPECT_EQ(other->read(), "alive");
}

TEST_F(TcpStreamTest, MovesToAnotherCoreWithItsUnreadBytesQueueAndDeadline) {
    const auto peer = connect();
    handler->on_received = [this](Bytes) {
        handler->on_received = nullptr;
        handler->stream.send(as_bytes("queued;"));
        handler->stream.set_deadline(30s);
        handler->stream.move_to({1});
        return std::size_t{3};
    };
    peer->send("abcdef");
    settle();
    EXPECT_EQ(sets[0]->size(), 0U);
    EXPECT_EQ(sets[1]->size(), 1U);
    EXPECT_EQ(handler->stream.core().id(), CoreId{1});
    EXPECT_EQ(seen.arrived, 1);
    EXPECT_EQ(seen.bytes, "abcdef");
    EXPECT_EQ(peer->read(), "queued;");
    peer->send("after");
    settle();
    EXPECT_EQ(seen.bytes, "abcdefafter");
    pass(31s);
    EXPECT_EQ(seen.closed, CloseReason::handshake_timeout) << "the handshake limit travels too";
}

TEST_F(TcpStreamTest, MovingToItsOwnCoreArrivesAtOnce) {
    const auto peer = connect();
    handler->on_received = [this](Bytes) {
        handler->on_received = nullptr;
        handler->stream.move_to({0});
        EXPECT_EQ(seen.arrived, 1);
        return std::size_t{1};
    };
    peer->send("abc");
    settle();
    EXPECT_EQ(seen.arrived, 1);
    EXPECT_EQ(seen.calls, (std::vector<std::string>{"abc", "bc"}));
}

TEST_F(TcpStreamTest, AStreamLostBetweenTwoCoresClosesItsDescriptor) {
    const auto peer = connect();
    handler->on_received = [this](Bytes) {
        handler->stream.move_to({1});
        return std::size_t{0};
    };
    peer->send("x");
    loops[0]->run_round();
    EXPECT_EQ(sets[0]->size(), 0U);
    EXPECT_FALSE(seen.closed);
    loops[1]->run_round();
    EXPECT_EQ(sets[1]->size(), 1U);
    sets[1]->abort_all(CloseReason::server_shutdown);
    EXPECT_EQ(seen.closed, CloseReason::server_shutdown);
}

TEST_F(TcpStreamTest, RefusingInTheFactoryCloses) {
    prepare = [](ScriptedHandler& made) { made.stream.abort(CloseReason::overloaded); };
    const auto peer = connect();
    settle();
    EXPECT_EQ(seen.closed, CloseReason::overloaded);
    peer->read();
    EXPECT_TRUE(peer->ended);
}

}  // namespace
}  // namespace junctor
