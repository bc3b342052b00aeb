#include <openssl/ssl.h>

#include "core/runtime/tls_context.hpp"
#include "tests/unit/core/runtime/stream_fixture.hpp"
#include "tests/unit/core/runtime/test_certificates.hpp"

namespace junctor {
namespace {

using namespace std::chrono_literals;

/// Streams that speak TLS, and a client in the same thread.
class TlsStreamTest : public StreamFixture {
public:
    TlsStreamTest() { endpoint->tls.store(std::make_shared<TlsContext>(TlsSettings{certificate.cert(), certificate.key(), "", {}, true})); }
    ~TlsStreamTest() override {
        SSL_free(client);
        SSL_CTX_free(context);
    }

    std::unique_ptr<PeerSocket> connect_tls() {
        auto peer = connect();
        client = SSL_new(context);
        SSL_set_fd(client, peer->descriptor());
        for (int i = 0; i < 10 && SSL_connect(client) != 1; ++i) settle();
        EXPECT_TRUE(SSL_is_init_finished(client));
        settle();
        return peer;
    }
    void send(std::string_view text) { ASSERT_EQ(SSL_write(client, text.data(), static_cast<int>(text.size())), static_cast<int>(text.size())); }
    std::string read() {
        std::string text;
        char part[65536];
        for (int count; (count = SSL_read(client, part, sizeof part)) > 0;) text.append(part, static_cast<std::size_t>(count));
        return text;
    }

    TestCertificate certificate{"gateway", "IP:127.0.0.1"};
    SSL_CTX* context = SSL_CTX_new(TLS_client_method());
    SSL* client = nullptr;
};

TEST_F(TlsStreamTest, TalksBothWays) {
    const auto peer = connect_tls();
    handler->on_received = [this](Bytes bytes) {
        handler->stream.send(bytes);
        return bytes.size();
    };
    send("hello");
    settle();
    EXPECT_EQ(seen.bytes, "hello");
    EXPECT_EQ(read(), "hello");
    EXPECT_TRUE(handler->stream.peer().encrypted);
}

TEST_F(TlsStreamTest, AnUnconsumedTailComesAgain) {
    const auto peer = connect_tls();
    handler->on_received = [](Bytes bytes) { return bytes.size() / 4 * 4; };
    send("abcdef");
    send("gh");
    settle();
    EXPECT_EQ(seen.bytes, "abcdefgh");
}

TEST_F(TlsStreamTest, PausingKeepsRecordsThatHaveArrivedForLater) {
    const auto peer = connect_tls();
    handler->on_received = [this](Bytes bytes) {
        handler->stream.pause_reading();
        return bytes.size();
    };
    for (const char* text : {"1", "2", "3"}) send(text);
    settle();
    EXPECT_EQ(seen.bytes, "1");
    for (int i = 0; i < 2; ++i) {
        handler->stream.resume_reading();
        settle();
    }
    EXPECT_EQ(seen.bytes, "123");
}

TEST_F(TlsStreamTest, MovesToAnotherCoreWithRecordsNotDecryptedYet) {
    const auto peer = connect_tls();
    handler->on_received = [this](Bytes) {
        handler->on_received = nullptr;
        handler->stream.send(as_bytes("moving;"));
        handler->stream.move_to({1});
        return std::size_t{1};
    };
    send("first");
    send("second");
    settle();
    EXPECT_EQ(handler->stream.core().id(), CoreId{1});
    EXPECT_EQ(seen.bytes, "firstsecond");
    send("third");
    settle();
    EXPECT_EQ(seen.bytes, "firstsecondthird");
    EXPECT_EQ(read(), "moving;");
}

TEST_F(TlsStreamTest, ASlowReaderGetsEverythingInTheEnd) {
    const auto peer = connect_tls();
    const std::string large(4 << 20, 'L');
    handler->stream.send(as_bytes(large));
    EXPECT_FALSE(handler->stream.wants_more());
    std::string got;
    while (got.size() < large.size()) {
        settle();
        const std::string part = read();
        ASSERT_TRUE(!part.empty() || handler->stream.queued() != 0);
        got += part;
    }
    EXPECT_EQ(got, large);
    EXPECT_EQ(seen.writable, 1);
}

TEST_F(TlsStreamTest, SaysGoodbyeInTlsToo) {
    const auto peer = connect_tls();
    handler->stream.send(as_bytes("last"));
    handler->stream.close(CloseReason::server_shutdown, {});
    settle();
    EXPECT_EQ(seen.closed, CloseReason::server_shutdown);
    EXPECT_EQ(read(), "last");
    EXPECT_NE(SSL_get_shutdown(client) & SSL_RECEIVED_SHUTDOWN, 0);
}

TEST_F(TlsStreamTest, ThePeersGoodbyeEndsTheConnection) {
    const auto peer = connect_tls();
    SSL_shutdown(client);
    settle();
    EXPECT_EQ(seen.closed, CloseReason::connection_lost);
}

TEST_F(TlsStreamTest, WhatIsNotTlsIsMalformed) {
    const auto peer = connect();
    peer->send("GET / HTTP/1.1\r\n\r\n");
    settle();
    EXPECT_EQ(seen.closed, CloseReason::malformed);
    peer->read();
    EXPECT_TRUE(peer->ended);
    EXPECT_TRUE(seen.calls.empty());
}

TEST_F(TlsStreamTest, AHandshakeThatDoesNotGoOnIsClosed) {
    const auto peer = connect();
    pass(limits.handshake_timeout + 10ms);
    EXPECT_EQ(seen.closed, CloseReason::handshake_timeout);
}

TEST_F(TlsStreamTest, OldVersionsAreRefused) {
    SSL_CTX_set_max_proto_version(context, TLS1_1_VERSION);
    SSL_CTX_set_security_level(context, 0);
    const auto peer = connect();
    client = SSL_new(context);
    SSL_set_fd(client, peer->descriptor());
    for (int i = 0; i < 10 && SSL_connect(client) != 1; ++i) settle();
    EXPECT_FALSE(SSL_is_init_finished(client));
    EXPECT_EQ(seen.closed, CloseReason::malformed);
}

TEST_F(TlsStreamTest, NobodyRenegotiates) {
    SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION);
    const auto peer = connect_tls();
    SSL_renegotiate(client);
    for (int i = 0; i < 10; ++i) {
        SSL_do_handshake(client);
        settle();
    }
    EXPECT_TRUE(SSL_renegotiate_pending(client)) << "it is asked and never done";
}

TEST_F(TlsStreamTest, AClientGetsOneTicketAndTheServerKeepsNoSession) {
    static int tickets;
    tickets = 0;
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT);
    SSL_CTX_sess_set_new_cb(context, [](SSL*, SSL_SESSION*) {
        ++tickets;
        return 0;
    });
    const auto peer = connect_tls();
    read();
    EXPECT_EQ(tickets, 1);
    EXPECT_EQ(SSL_CTX_sess_number(endpoint->tls.load()->get()), 0);
}

}  // namespace
}  // namespace junctor
