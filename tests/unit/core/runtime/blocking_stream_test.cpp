#include "core/runtime/blocking_stream.hpp"

#include <gtest/gtest.h>

#include "core/base/setup_error.hpp"
#include "core/ports/client.hpp"
#include "core/runtime/event_loop.hpp"
#include "core/runtime/runtime.hpp"
#include "core/runtime/system_clock.hpp"
#include "core/runtime/tls_context.hpp"
#include "tests/unit/core/runtime/test_certificates.hpp"

namespace junctor {
namespace {

using namespace std::chrono_literals;

const Address any_port{"127.0.0.1", 0};

/// Echoes; at `?` it answers with what it knows of its peer, at `!` it closes.
class TalkingHandler final : public StreamHandler {
public:
    explicit TalkingHandler(Stream& stream) : stream_(stream) {}
    std::size_t received(Bytes bytes) override {
        stream_.established();
        if (bytes[0] == '!') stream_.close(CloseReason::normal, {});
        if (bytes[0] != '?') stream_.send(bytes);
        if (bytes[0] == '?') describe();
        return bytes.size();
    }
    std::size_t receive_limit() const noexcept override { return 1'000; }
    void drain() override {}
    void closed(CloseReason) override {}

private:
    void describe() {
        const Peer peer = stream_.peer();
        std::string text = peer.encrypted ? "encrypted" : "plain";
        text += " loopback=" + std::to_string(peer.loopback) + " sni=" + peer.server_name + " subject=" + peer.certificate_subject;
        for (const std::string& name : peer.certificate_names) text += " " + name;
        stream_.send(as_bytes(text));
    }
    Stream& stream_;
};

class BlockingStreamTest : public testing::Test {
public:
    void serve(std::optional<TlsSettings> tls) {
        Runtime::Options options;
        options.cores = 1;
        runtime = std::make_unique<Runtime>(options, clock);
        owner = runtime->set_owner("the test");
        runtime->host().serve_streams(any_port, [](Stream& stream) { return std::make_unique<TalkingHandler>(stream); });
        if (tls) runtime->set_tls(any_port, *tls);
        runtime->start([](EventLoop&) {});
    }

    BlockingStream::Options target(bool tls, const std::string& ca_file = {}) {
        BlockingStream::Options options;
        options.host = "127.0.0.1";
        options.port = std::to_string(runtime->host().bound(any_port).port);
        options.tls = tls;
        options.ca_file = ca_file;
        return options;
    }

    static std::string read(BlockingStream& stream, std::size_t size) {
        std::string text;
        std::uint8_t part[65536];
        while (text.size() < size) {
            const std::size_t count = stream.receive(part, 10s);
            if (count == 0) break;
            text += as_text(Bytes(part, count));
        }
        return text;
    }

    static std::string failure(const std::function<void()>& attempt) {
        try {
            attempt();
        } catch (const ClientError& error) {
            return error.what();
        }
        return {};
    }

    SystemClock clock;
    OwnerId owner;
    std::unique_ptr<Runtime> runtime;
};

TEST_F(BlockingStreamTest, TalksPlainly) {
    serve(std::nullopt);
    const auto stream = connect_blocking(target(false));
    stream->send(as_bytes("hello"));
    EXPECT_EQ(read(*stream, 5), "hello");
    std::uint8_t byte;
    EXPECT_EQ(stream->receive({&byte, 1}, 1ms), 0U);
    stream->send(as_bytes("!"));
    const std::string said = failure([&] {
        while (stream->receive({&byte, 1}, 10s) != 0) {
        }
    });
    EXPECT_NE(said.find("the server closed the connection"), std::string::npos) << said;
}

TEST_F(BlockingStreamTest, NobodyThereIsOneSentenceWithTheAddress) {
    serve(std::nullopt);
    const auto options = target(false);
    runtime->stop();
    runtime.reset();
    EXPECT_EQ(failure([&] { connect_blocking(options); }), "cannot connect to 127.0.0.1:" + options.port +
        ": Connection refused; nothing listens there: start it ('junctor run'), or name the address that its table shows");
}

TEST_F(BlockingStreamTest, APortThatThereCannotBeIsNotTakenForAnother) {
    for (const char* port : {"0", "00000", "65536", "99999", "4294967377", "99999999999999999999999"}) {
        auto options = BlockingStream::Options{};
        options.host = "127.0.0.1";
        options.port = port;
        EXPECT_EQ(failure([&] { connect_blocking(options); }), "cannot connect to 127.0.0.1:" + options.port + ": a port is a number from 1 to 65535");
    }
}

TEST_F(BlockingStreamTest, AServiceThatThereIsNotIsNoPort) {
    for (const char* port : {"-5", "1883x", "no-such-service"}) {
        auto options = BlockingStream::Options{};
        options.host = "127.0.0.1";
        options.port = port;
        EXPECT_EQ(failure([&] { connect_blocking(options); }),
                  "cannot connect to 127.0.0.1:" + options.port + ": no service has that name; a port is a number from 1 to 65535");
    }
}

TEST_F(BlockingStreamTest, AnAddressOfIpv6StandsInBrackets) {
    auto options = BlockingStream::Options{};
    options.host = "::1";
    options.port = "65536";
    EXPECT_TRUE(failure([&] { connect_blocking(options); }).starts_with("cannot connect to [::1]:65536:"));
}

TEST_F(BlockingStreamTest, AServerWithoutTlsMakesItAskForAnotherScheme) {
    serve(std::nullopt);
    auto options = target(true);
    options.insecure = true;
    const std::string said = failure([&] { connect_blocking(options); });
    EXPECT_NE(said.find("is this address encrypted? Schemes without TLS are mqtt://"), std::string::npos) << said;
}

TEST_F(BlockingStreamTest, TalksTlsToAServerWhoseCertificateItTrusts) {
    const TestCertificate server("gateway", "IP:127.0.0.1");
    serve(TlsSettings{server.cert(), server.key(), "", {}, true});
    const auto stream = connect_blocking(target(true, server.cert()));
    stream->send(as_bytes("?"));
    EXPECT_EQ(read(*stream, 32).substr(0, 20), "encrypted loopback=1");
    const std::string large(3 << 20, 'L');
    stream->send(as_bytes(large));
    EXPECT_EQ(read(*stream, large.size()), large);
}

TEST_F(BlockingStreamTest, DistrustsStrangersWrongNamesAndPlainServers) {
    const TestCertificate server("gateway", "DNS:elsewhere.example");
    const TestCertificate other("other", "IP:127.0.0.1");
    serve(TlsSettings{server.cert(), server.key(), "", {}, true});
    EXPECT_NE(failure([&] { connect_blocking(target(true, other.cert())); }), "");
    const std::string wrong_name = failure([&] { connect_blocking(target(true, server.cert())); });
    EXPECT_NE(wrong_name.find("IP address mismatch"), std::string::npos) << wrong_name;
    auto careless = target(true);
    careless.insecure = true;
    const auto stream = connect_blocking(careless);
    stream->send(as_bytes("hi"));
    EXPECT_EQ(read(*stream, 2), "hi");
    const auto plain = connect_blocking(target(false));
    plain->send(as_bytes("this is not TLS"));
    EXPECT_NE(failure([&] { read(*plain, 1'000); }), "");
}

/// A raw client with a certificate: `connect_blocking` has none.
std::string talk_with_certificate(int port, const TestCertificate* client) {
    const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free);
    if (client) {
        SSL_CTX_use_certificate_file(context.get(), client->cert().c_str(), SSL_FILETYPE_PEM);
        SSL_CTX_use_PrivateKey_file(context.get(), client->key().c_str(), SSL_FILETYPE_PEM);
    }
    const std::unique_ptr<BIO, decltype(&BIO_free_all)> bio(BIO_new_ssl_connect(context.get()), &BIO_free_all);
    BIO_set_conn_hostname(bio.get(), ("127.0.0.1:" + std::to_string(port)).c_str());
    char answer[256] = {};
    if (BIO_write(bio.get(), "?", 1) != 1) return {};
    const int count = BIO_read(bio.get(), answer, sizeof answer - 1);
    return count > 0 ? answer : "";
}

TEST_F(BlockingStreamTest, ClientCertificatesAreVerifiedAndNameThePeer) {
    const TestCertificate server("gateway", "IP:127.0.0.1");
    const TestCertificate authority("authority", "");
    const TestCertificate client("device,1", "URI:urn:device:1", authority);
    const TestCertificate stranger("device,1", "URI:urn:device:1");
    serve(TlsSettings{server.cert(), server.key(), authority.cert(), {}, true});
    const int port = runtime->host().bound(any_port).port;
    EXPECT_NE(talk_with_certificate(port, &client).find("subject=CN=device\\,1 URI:urn:device:1"), std::string::npos);
    EXPECT_EQ(talk_with_certificate(port, &stranger), "");
    EXPECT_EQ(talk_with_certificate(port, nullptr), "");
}

TEST_F(BlockingStreamTest, AnOptionalClientCertificateMayBeAbsent) {
    const TestCertificate server("gateway", "IP:127.0.0.1");
    const TestCertificate authority("authority", "");
    serve(TlsSettings{server.cert(), server.key(), authority.cert(), {}, false});
    EXPECT_NE(talk_with_certificate(runtime->host().bound(any_port).port, nullptr).find("subject="), std::string::npos);
}

/// Whose certificate a client sees that asks for that name; empty: asks for none.
std::string shown_to(int port, const std::string& name, int version) {
    const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free);
    SSL_CTX_set_min_proto_version(context.get(), version);
    SSL_CTX_set_max_proto_version(context.get(), version);
    const std::unique_ptr<BIO, decltype(&BIO_free_all)> bio(BIO_new_ssl_connect(context.get()), &BIO_free_all);
    BIO_set_conn_hostname(bio.get(), ("127.0.0.1:" + std::to_string(port)).c_str());
    SSL* ssl = nullptr;
    BIO_get_ssl(bio.get(), &ssl);
    if (!name.empty()) SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, const_cast<char*>(name.c_str()));
    if (BIO_do_handshake(bio.get()) != 1) return "nobody";
    const std::unique_ptr<X509, decltype(&X509_free)> shown(SSL_get1_peer_certificate(ssl), &X509_free);
    char common_name[64] = {};
    X509_NAME_get_text_by_NID(X509_get_subject_name(shown.get()), NID_commonName, common_name, sizeof common_name);
    return common_name;
}

TEST_F(BlockingStreamTest, WhoAsksForANameIsShownTheCertificateThatIsForIt) {
    const TestCertificate first("first", "DNS:one.example"), second("second", "DNS:two.example,DNS:*.two.example"), third("third", "DNS:one.example,DNS:three.example");
    TlsSettings settings{first.cert(), first.key(), "", {}, true};
    settings.by_name = {{second.cert(), second.key()}, {third.cert(), third.key()}};
    serve(settings);
    const int port = runtime->host().bound(any_port).port;
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        EXPECT_EQ(shown_to(port, "one.example", version), "first");
        EXPECT_EQ(shown_to(port, "two.example", version), "second");
        EXPECT_EQ(shown_to(port, "A.TWO.example", version), "second");
        EXPECT_EQ(shown_to(port, "three.example", version), "third");
        EXPECT_EQ(shown_to(port, "a.b.two.example", version), "first") << "a wildcard is one label";
        EXPECT_EQ(shown_to(port, "elsewhere.example", version), "first");
        EXPECT_EQ(shown_to(port, "", version), "first");
    }
    settings.by_name[1].key = second.key();
    EXPECT_THROW(TlsContext{settings}, SetupError) << "a key of another certificate";
}

TEST_F(BlockingStreamTest, AClientThatAskedForAnotherNameIsVerifiedLikeAnybody) {
    const TestCertificate first("first", "DNS:one.example"), second("second", "DNS:two.example"), authority("authority", "");
    TlsSettings settings{first.cert(), first.key(), authority.cert(), {}, true};
    settings.by_name = {{second.cert(), second.key()}};
    serve(settings);
    EXPECT_EQ(shown_to(runtime->host().bound(any_port).port, "two.example", TLS1_2_VERSION), "nobody") << "it has shown no certificate";
}

// What a handshake needs belongs to the connection.
TEST_F(BlockingStreamTest, AHandshakeMayOutlastItsCertificates) {
    const TestCertificate first("first", "DNS:one.example"), second("second", "DNS:two.example");
    TlsSettings settings{first.cert(), first.key(), "", {}, true};
    settings.by_name = {{second.cert(), second.key()}};
    auto server = std::make_unique<TlsContext>(settings);
    const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free);
    const std::unique_ptr<SSL, decltype(&SSL_free)> here(SSL_new(server->get()), &SSL_free), there(SSL_new(context.get()), &SSL_free);
    server.reset();
    BIO* one = nullptr;
    BIO* other = nullptr;
    ASSERT_EQ(BIO_new_bio_pair(&one, 0, &other, 0), 1);
    SSL_set_bio(here.get(), one, one);
    SSL_set_bio(there.get(), other, other);
    SSL_ctrl(there.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, const_cast<char*>("two.example"));
    for (int i = 0; i < 10; ++i) SSL_connect(there.get()), SSL_accept(here.get());
    EXPECT_TRUE(SSL_is_init_finished(here.get()));
    EXPECT_STREQ(SSL_get_servername(here.get(), TLSEXT_NAMETYPE_host_name), "two.example");
}

TEST_F(BlockingStreamTest, ReloadedCertificatesServeNewConnectionsAndABadFileChangesNothing) {
    const TestCertificate first("first", "IP:127.0.0.1");
    const TestCertificate second("second", "IP:127.0.0.1");
    serve(TlsSettings{first.cert(), first.key(), "", {}, true});
    const auto old_connection = connect_blocking(target(true, first.cert()));
    const auto reload = [&](const TestCertificate& certificate, const TestCertificate& key) {
        runtime->prepare({owner}, [&] { runtime->set_tls(any_port, {certificate.cert(), key.key(), "", {}, true}); });
        runtime->commit();
    };
    EXPECT_THROW(reload(first, second), SetupError);
    connect_blocking(target(true, first.cert()));
    reload(second, second);
    connect_blocking(target(true, second.cert()));
    EXPECT_NE(failure([&] { connect_blocking(target(true, first.cert())); }), "");
    old_connection->send(as_bytes("still here"));
    EXPECT_EQ(read(*old_connection, 10), "still here");
}

}  // namespace
}  // namespace junctor
