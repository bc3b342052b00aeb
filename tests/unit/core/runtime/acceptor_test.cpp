#include "core/runtime/acceptor.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "tests/support/descriptor_shortage.hpp"
#include "core/runtime/tls_context.hpp"
#include "tests/unit/core/runtime/stream_fixture.hpp"
#include "tests/unit/core/runtime/test_certificates.hpp"

namespace junctor {
namespace {

using namespace std::chrono_literals;

class AcceptorTest : public StreamFixture {
public:
    AcceptorTest() : StreamFixture(1), address(ListenSocket::claim({"127.0.0.1", 0})) {
        acceptor = std::make_unique<Acceptor>(*sets[0], *endpoint, ListenSocket::open(address));
    }

    std::unique_ptr<PeerSocket> dial() const {
        auto peer = std::make_unique<PeerSocket>(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(address.port);
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        ::connect(peer->descriptor(), reinterpret_cast<sockaddr*>(&to), sizeof to);
        return peer;
    }

    Address address;
    std::unique_ptr<Acceptor> acceptor;
};

TEST_F(AcceptorTest, AcceptsAllWhoWaitWithSmallPacketsAtOnce) {
    std::vector<std::unique_ptr<PeerSocket>> peers;
    for (int i = 0; i < 100; ++i) peers.push_back(dial());
    settle();
    EXPECT_EQ(sets[0]->size(), 100U);
    const Peer peer = handler->stream.peer();
    EXPECT_TRUE(peer.loopback);
    EXPECT_EQ(peer.address.substr(0, 10), "127.0.0.1:");
    handler->stream.send(as_bytes("hello"));
    settle();
    EXPECT_EQ(peers.back()->read(), "hello");
}

TEST_F(AcceptorTest, DoesNotAcceptWhileTooManyAreUnauthenticated) {
    limits.unauthenticated_connections = 2;
    std::vector<std::unique_ptr<PeerSocket>> peers;
    for (int i = 0; i < 5; ++i) peers.push_back(dial());
    settle();
    EXPECT_EQ(sets[0]->size(), 2U);
    EXPECT_FALSE(loops[0]->run_round()) << "nothing spins meanwhile";
    pass(1s);
    EXPECT_EQ(sets[0]->size(), 2U);
    handler->stream.established();
    pass(1s);
    EXPECT_EQ(sets[0]->size(), 3U);
}

TEST_F(AcceptorTest, TakesNoMoreInASecondThanItIsToldToAndTheRestLater) {
    limits.connections_per_second = 10;
    std::vector<std::unique_ptr<PeerSocket>> peers;
    for (int i = 0; i < 30; ++i) peers.push_back(dial());
    settle();
    EXPECT_EQ(sets[0]->size(), 10U) << "a second's worth";
    EXPECT_FALSE(loops[0]->run_round()) << "nothing spins meanwhile";
    const std::size_t before = sets[0]->size();
    for (int tenth = 0; tenth < 10; ++tenth) pass(100ms);
    EXPECT_GT(sets[0]->size(), before);
    EXPECT_LE(sets[0]->size(), before + 10);
    for (int tenth = 0; tenth < 20; ++tenth) pass(100ms);
    EXPECT_EQ(sets[0]->size(), 30U) << "nobody is forgotten";
    EXPECT_FALSE(handler->stream.surplus());
}

// Whoever is let in after a long time in the queue has given up: a limit on newcomers must not let in nobody else.
TEST_F(AcceptorTest, TurnsAwayWhoIsTooManyOnceTheQueueHasStoodForLong) {
    limits.connections_per_second = 10;
    std::vector<std::unique_ptr<PeerSocket>> peers;
    std::size_t told = 0;
    prepare = [&](ScriptedHandler& made) {
        made.on_received = [&told, &made](Bytes bytes) {
            if (made.stream.came_too_fast()) {
                ++told;
                made.stream.close(CloseReason::overloaded);
            }
            return bytes.size();
        };
    };
    for (int tenth = 0; tenth < 60; ++tenth) {
        for (int i = 0; i < 10; ++i) {
            peers.push_back(dial());
            peers.back()->send("x");
        }
        pass(100ms);
        for (const auto& peer : peers) {
            peer->read();
            if (peer->ended) peer->close();
        }
        settle();
        EXPECT_TRUE(told == 0 || tenth >= 29) << "a moment is not too long to wait";
    }
    EXPECT_GT(told, 250U) << "ten times as many as may come have come for three seconds more than there was patience";
    EXPECT_GE(sets[0]->size(), 55U) << "and those who may come do, as fast as they may";
    EXPECT_LE(sets[0]->size(), 75U);
    EXPECT_EQ(loops[0]->metrics().read(endpoint->accepted.cell) + loops[0]->metrics().read(endpoint->refused.cell), 600) << "nobody waits any more";
    for (const auto& peer : peers) peer->close();
    pass(10s);
    const auto later = dial();
    settle();
    EXPECT_FALSE(handler->stream.surplus()) << "when the flood is over everything is as before";
}

TEST_F(AcceptorTest, TellsNobodyWhereTheWordWouldCostWhatTheyMayNot) {
    const TestCertificate certificate("gateway", "IP:127.0.0.1");
    endpoint->tls = std::make_shared<TlsContext>(TlsSettings{certificate.cert(), certificate.key(), "", {}, true});
    const auto peer = connect();
    int pair[2];
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
    PeerSocket other(pair[1]);
    EXPECT_FALSE(sets[0]->turn_away(pair[0], *endpoint));
    other.read();
    EXPECT_TRUE(other.ended);
    EXPECT_EQ(loops[0]->metrics().read(endpoint->refused.cell), 1);
    EXPECT_EQ(sets[0]->size(), 1U);
}

TEST_F(AcceptorTest, Threat12_out_of_descriptors_it_turns_clients_away_without_spinning_and_goes_on_at_once) {
    const auto served = dial();
    settle();
    auto* first = handler;
    first->stream.send(as_bytes("before"));  // UBSan needs descriptors to look at a type for the first time
    settle();
    EXPECT_EQ(served->read(), "before");
    const auto late = dial(), later = dial();
    {
        const test::DescriptorShortage shortage(0);
        settle();
        EXPECT_EQ(sets[0]->size(), 1U);
        EXPECT_FALSE(loops[0]->run_round());
        late->read();
        later->read();
        EXPECT_TRUE(late->ended && later->ended) << "a client that cannot be served is not left waiting";
        EXPECT_EQ(loops[0]->metrics().read(endpoint->refused.cell), 2);
        first->stream.send(as_bytes("unharmed"));
        settle();
        EXPECT_EQ(served->read(), "unharmed");
    }
    const auto next = dial();
    settle();
    EXPECT_EQ(sets[0]->size(), 2U);
}

TEST_F(AcceptorTest, AcceptsNoMoreOnceItIsGone) {
    acceptor.reset();
    const auto peer = dial();
    settle();
    EXPECT_EQ(sets[0]->size(), 0U);
}

}  // namespace
}  // namespace junctor
