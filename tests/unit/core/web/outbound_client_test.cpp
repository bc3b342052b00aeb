#include "core/web/outbound_client.hpp"

#include <gtest/gtest.h>

#include <condition_variable>

#include "core/base/setup_error.hpp"
#include "core/runtime/system_clock.hpp"
#include "tests/unit/core/runtime/test_certificates.hpp"
#include "tests/unit/core/web/loopback_server.hpp"

namespace junctor::web {
namespace {

using namespace std::chrono_literals;
using Failure = OutboundFailure;
using Answer = LoopbackServer::Answer;

const std::string hello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

class OutboundClientTest : public ::testing::Test {
protected:
    ~OutboundClientTest() override { client.stop(); }

    static OutboundRequest get(const std::string& url) {
        OutboundRequest request;
        request.url = Url::parse(url);
        request.configured = true;
        request.timeout = 30s;
        return request;
    }

    /// Runs what is posted to the core until `done` says so.
    void run_until(const std::function<bool()>& done) {
        std::unique_lock lock(mutex);
        while (!done()) {
            ASSERT_TRUE(wake.wait_for(lock, 60s, [this] { return !posted.empty(); })) << "nothing was heard";
            const auto task = std::move(posted.front());
            posted.erase(posted.begin());
            lock.unlock();
            task();
            lock.lock();
        }
    }

    OutboundAnswer ask(OutboundRequest request) {
        std::optional<OutboundAnswer> answer;
        const auto call = client.send(CoreId{3}, std::move(request), [&](OutboundAnswer heard) { answer = std::move(heard); });
        EXPECT_FALSE(answer) << "never from within send";
        run_until([&] { return answer.has_value(); });
        return answer ? std::move(*answer) : OutboundAnswer(Failure::stopped);
    }

    static std::string text(const OutboundAnswer& answer) { return std::string(as_text(answer.response.body)); }

    std::mutex mutex;
    std::condition_variable wake;
    std::vector<std::function<void()>> posted;
    SystemClock clock;
    OutboundClient client{{}, clock, [this](CoreId core, std::function<void()> task) {
                              EXPECT_EQ(core, CoreId{3});
                              const std::lock_guard lock(mutex);
                              posted.push_back(std::move(task));
                              wake.notify_one();
                          }};
};

TEST_F(OutboundClientTest, AsksAndKeepsTheConnection) {
    std::string seen;
    LoopbackServer server([&](const std::string& request) {
        seen = request;
        return Answer{hello};
    });
    OutboundRequest request = get(server.url("/v1?a=b"));
    request.method = "POST";
    request.headers = {{"Content-Type", "application/json"}, {"Host", "elsewhere"}, {"content-length", "99"}};
    append(request.body, std::string_view("{}"));
    EXPECT_EQ(text(ask(request)), "hello");
    EXPECT_EQ(seen, "POST /v1?a=b HTTP/1.1\r\nHost: 127.0.0.1:" + server.port() +
                        "\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}");
    EXPECT_EQ(text(ask(get(server.url()))), "hello");
    EXPECT_EQ(server.connections(), 1);
}

TEST_F(OutboundClientTest, ReadsEveryKindOfAnswer) {
    std::vector<Answer> script{
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"},
        {"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + hello},
        {"HTTP/1.1 200 OK\r\n\r\nhello", true},
        {"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello"},
        {hello + "HTTP/1.1 200 smuggled"},
        {"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 5\r\n\r\nhello"},
    };
    std::size_t at = 0;
    LoopbackServer server([&](const std::string&) { return script.at(at++); });
    for (std::size_t i = 0; i < script.size(); ++i) EXPECT_EQ(text(ask(get(server.url()))), "hello") << i;
    EXPECT_EQ(server.requests(), 6) << "redirections are not followed";
}

TEST_F(OutboundClientTest, HeadHasNoBody) {
    LoopbackServer server([](const std::string&) { return Answer{"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n"}; });
    OutboundRequest request = get(server.url());
    request.method = "HEAD";
    const OutboundAnswer answer = ask(request);
    EXPECT_EQ(answer.failure, Failure::none) << answer.detail;
    EXPECT_EQ(ask(request).failure, Failure::none);
    EXPECT_EQ(server.connections(), 1);
}

TEST_F(OutboundClientTest, RefusesWhatIsNoAnswer) {
    const std::string large = "HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'x') + "\r\n\r\n";
    const std::string chunk = std::string(1'000, 'x');
    struct Case {
        Answer answer;
        Failure failure;
    };
    const std::vector<Case> cases{
        {{"SSH-2.0-OpenSSH\r\n\r\n"}, Failure::malformed},
        {{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", true}, Failure::lost},
        {{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"}, Failure::malformed},
        {{"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"}, Failure::malformed},
        {{"", true}, Failure::lost},
        {{"HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n" + chunk + "x"}, Failure::too_large},
        {{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\n" + chunk + "\r\n3e8\r\n" + chunk + "\r\n0\r\n\r\n"}, Failure::too_large},
        {{large}, Failure::too_large},
    };
    for (const Case& each : cases) {
        LoopbackServer server([&](const std::string&) { return each.answer; });
        OutboundRequest request = get(server.url());
        request.max_body = 1'000;
        EXPECT_EQ(ask(request).failure, each.failure) << each.answer.bytes.substr(0, 80);
    }
}

TEST_F(OutboundClientTest, GivesUpOnAServerThatHangs) {
    LoopbackServer server([](const std::string&) { return Answer{"HTTP/1.1 200", false, true}; });
    OutboundRequest request = get(server.url());
    request.timeout = 50ms;
    EXPECT_EQ(ask(request).failure, Failure::timed_out);
}

TEST_F(OutboundClientTest, SparesAServerThatIsNotThere) {
    std::string url;
    {
        const LoopbackServer gone([](const std::string&) { return Answer{}; });
        url = gone.url();
    }
    for (int i = 0; i < CircuitBreaker::failures; ++i) EXPECT_EQ(ask(get(url)).failure, Failure::unreachable);
    EXPECT_EQ(ask(get(url)).failure, Failure::circuit_open);
    EXPECT_EQ(metric_total("junctor_outbound_circuit_open", {&client.metrics()}), 1);
}

TEST_F(OutboundClientTest, IsNotHeardAfterItsCallIsDestroyed) {
    LoopbackServer server([](const std::string&) { return Answer{hello}; });
    client.send(CoreId{3}, get(server.url()), [](OutboundAnswer) { FAIL(); }).reset();
    EXPECT_EQ(text(ask(get(server.url()))), "hello");
}

// THREATS classes 25 and 26.
TEST_F(OutboundClientTest, RefusesAddressesThatNobodyMeans) {
    OutboundRequest request = get("http://169.254.169.254/latest/meta-data/");
    request.configured = false;
    EXPECT_EQ(ask(request).failure, Failure::refused_address);
    request.url = Url::parse("http://[::ffff:169.254.169.254]/");
    EXPECT_EQ(ask(request).failure, Failure::refused_address);
    // The resolver takes for an address what is none to us; a configured URL means the name, not what it leads to.
    request.url = Url::parse("http://2852039166/");
    request.configured = true;
    EXPECT_EQ(ask(request).failure, Failure::refused_address);
}

TEST_F(OutboundClientTest, SendsNothingThatBreaksItsLine) {
    OutboundRequest request = get("http://127.0.0.1:1/");
    request.headers = {{"X", "a\r\nY: b"}};
    EXPECT_EQ(ask(request).failure, Failure::bad_request);
    request.headers = {};
    request.method = "GET /";
    EXPECT_EQ(ask(request).failure, Failure::bad_request);
    request = get("ws://127.0.0.1:1/");
    EXPECT_EQ(ask(request).failure, Failure::bad_request);
}

TEST_F(OutboundClientTest, StopTellsEverybodyAndEndsTheThread) {
    LoopbackServer server([](const std::string&) { return Answer{"", false, true}; });
    std::optional<OutboundAnswer> answer;
    const auto call = client.send(CoreId{3}, get(server.url()), [&](OutboundAnswer heard) { answer = std::move(heard); });
    while (server.requests() == 0) std::this_thread::yield();
    client.stop();
    run_until([&] { return answer.has_value(); });
    EXPECT_EQ(answer->failure, Failure::stopped);
}

class OutboundTlsTest : public OutboundClientTest {
protected:
    boost::asio::ssl::context& context(const TestCertificate& certificate) {
        context_.use_certificate_chain_file(certificate.cert());
        context_.use_private_key_file(certificate.key(), boost::asio::ssl::context::pem);
        return context_;
    }

    TestCertificate ca{"test CA", ""};
    boost::asio::ssl::context context_{boost::asio::ssl::context::tls_server};
};

TEST_F(OutboundTlsTest, BelievesWhoIsSignedForThatName) {
    const TestCertificate certificate("server", "IP:127.0.0.1,DNS:localhost", ca);
    LoopbackServer server([](const std::string&) { return Answer{hello}; }, &context(certificate));
    OutboundRequest request = get(server.url());
    request.trust = client.trust({ca.cert(), {}, {}});
    EXPECT_EQ(text(ask(request)), "hello");
    EXPECT_EQ(text(ask(request)), "hello");
    EXPECT_EQ(server.connections(), 1);
    request.url.host = "localhost";
    EXPECT_EQ(text(ask(request)), "hello");
}

TEST_F(OutboundTlsTest, BelievesNobodyElse) {
    const TestCertificate other("server", "DNS:other.example", ca);
    LoopbackServer server([](const std::string&) { return Answer{hello}; }, &context(other));
    OutboundRequest request = get(server.url());
    EXPECT_EQ(ask(request).failure, Failure::untrusted) << "signed by nobody whom the system trusts";
    request.trust = client.trust({ca.cert(), {}, {}});
    const OutboundAnswer answer = ask(request);
    EXPECT_EQ(answer.failure, Failure::untrusted) << "another name";
    EXPECT_FALSE(answer.detail.empty());
    EXPECT_EQ(server.requests(), 0);
}

TEST_F(OutboundTlsTest, ShowsItsOwnCertificate) {
    const TestCertificate certificate("server", "IP:127.0.0.1", ca);
    const TestCertificate own("gateway", "", ca);
    boost::asio::ssl::context& demanding = context(certificate);
    demanding.load_verify_file(ca.cert());
    demanding.set_verify_mode(boost::asio::ssl::verify_peer | boost::asio::ssl::verify_fail_if_no_peer_cert);
    LoopbackServer server([](const std::string&) { return Answer{hello}; }, &demanding);
    OutboundRequest request = get(server.url());
    request.trust = client.trust({ca.cert(), own.cert(), own.key()});
    EXPECT_EQ(text(ask(request)), "hello");
    request.trust = client.trust({ca.cert(), {}, {}});
    EXPECT_NE(ask(request).failure, Failure::none);
}

// A goodbye is missing: the end may have been cut off by anybody on the way.
TEST_F(OutboundTlsTest, DoesNotTakeACutForTheEnd) {
    const TestCertificate certificate("server", "IP:127.0.0.1", ca);
    LoopbackServer server([](const std::string&) { return Answer{"HTTP/1.1 200 OK\r\n\r\nhel", true}; }, &context(certificate));
    OutboundRequest request = get(server.url());
    request.trust = client.trust({ca.cert(), {}, {}});
    EXPECT_EQ(ask(request).failure, Failure::lost);
}

TEST_F(OutboundTlsTest, NamesTheFileThatIsNoGood) {
    const auto complaint = [this](const OutboundTls& tls) {
        try {
            client.trust(tls);
        } catch (const SetupError& error) {
            return std::string(error.what());
        }
        return std::string();
    };
    EXPECT_NE(complaint({"/nowhere/ca.pem", {}, {}}).find("/nowhere/ca.pem"), std::string::npos);
    EXPECT_NE(complaint({{}, "/nowhere/cert.pem", ca.key()}).find("/nowhere/cert.pem"), std::string::npos);
    EXPECT_NE(complaint({{}, ca.cert(), {}}).find("'key'"), std::string::npos);
    const TestCertificate other("other", "");
    EXPECT_NE(complaint({{}, ca.cert(), other.key()}).find(other.key()), std::string::npos) << "of another certificate";
}

}  // namespace
}  // namespace junctor::web
