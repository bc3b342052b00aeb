#include "connectors/zeromq/client.hpp"

#include <atomic>
#include <thread>

#include "connectors/zeromq/request_door.hpp"
#include "core/base/setup_error.hpp"
#include "tests/unit/connectors/zeromq/doors.hpp"

namespace junctor::zeromq {
namespace {

/// The door serves on the test's thread, the blocking client runs on another.
class ZeromqClient : public DoorTest<RequestDoor> {
protected:
    void run(const std::function<void()>& client_side) {
        std::atomic<bool> done = false;
        std::thread thread([&] {
            client_side();
            done = true;
        });
        EXPECT_TRUE(run_until([&] { return done.load(); }));
        thread.join();
    }

    std::unique_ptr<Client> client() {
        ClientOptions options;
        options.url = "zmq://" + door->bound().text();
        return make_client(options);
    }
};

TEST_F(ZeromqClient, PublishesAndReceivesEveryField) {
    std::optional<ClientMessage> got;
    run([&] {
        const auto both = client();
        both->subscribe("a/#", Qos::at_least_once);
        ClientMessage message;
        message.topic = "a/b";
        message.payload = {0, 255, 1};
        message.qos = Qos::at_least_once;
        message.ttl = std::chrono::seconds(60);
        message.extras.content_type = "application/octet-stream";
        message.extras.headers = {{"k", "1"}, {"k", "2"}};
        message.extras.correlation = {0xff};
        both->publish(message);
        got = both->receive(std::chrono::seconds(5));
        both->unsubscribe("a/#");
    });
    ASSERT_TRUE(got);
    EXPECT_EQ(got->topic, "a/b");
    EXPECT_EQ(got->payload, (ByteBuffer{0, 255, 1}));
    EXPECT_EQ(got->qos, Qos::at_least_once);
    EXPECT_EQ(got->ttl, std::chrono::seconds(60));
    EXPECT_EQ(got->extras.content_type, "application/octet-stream");
    EXPECT_EQ(got->extras.headers, (std::vector<Header>{{"k", "1"}, {"k", "2"}}));
    EXPECT_EQ(got->extras.correlation, (ByteBuffer{0xff}));
    EXPECT_TRUE(small.gate.subscriptions.empty());
}

class ZeromqClientByIpv6 : public ZeromqClient {
protected:
    void SetUp() override {
        try {
            open({}, {"::1", 0});
        } catch (const SetupError&) {
            there_is_none_ = true;
        }
    }
    void TearDown() override {
        if (!there_is_none_) ZeromqClient::TearDown();
    }

    bool there_is_none_ = false;
};

TEST_F(ZeromqClientByIpv6, Publishes) {
    if (there_is_none_) GTEST_SKIP() << "this machine has no IPv6";
    run([&] {
        ClientMessage message;
        message.topic = "a";
        client()->publish(message);
    });
    EXPECT_EQ(small.gate.published.size(), 1U);
}

TEST_F(ZeromqClient, RequestsAndReplies) {
    ClientMessage answer;
    run([&] {
        const auto responder = client();
        responder->subscribe("svc/+", Qos::at_most_once);
        std::thread serve([&] {
            const auto request = responder->receive(std::chrono::seconds(5));
            ClientMessage reply;
            reply.payload = {'2'};
            if (request) responder->reply(*request, reply);
        });
        ClientMessage question;
        question.topic = "svc/add";
        answer = client()->request(question, std::chrono::seconds(5));
        serve.join();
    });
    EXPECT_EQ(answer.payload, ByteBuffer{'2'});
}

TEST_F(ZeromqClient, RefusalsAreSentencesWithTheCode) {
    std::string code;
    std::string sentence;
    run([&] {
        try {
            client()->subscribe("a/#/b", Qos::at_most_once);
        } catch (const ClientError& error) {
            code = error.code;
            sentence = error.what();
        }
    });
    EXPECT_EQ(code, "bad_filter");
    EXPECT_EQ(sentence, "not a valid topic filter");
}

TEST(ZeromqClientUrl, APortThatThereCannotBeIsToldAtOnce) {
    for (const char* port : {"0", "-5", "65536", "99999", "x", ""}) {
        ClientOptions options;
        options.url = std::string("zmq://127.0.0.1:") + port;
        try {
            make_client(options);
            FAIL() << port;
        } catch (const ClientError& refused) {
            EXPECT_EQ(refused.what(), std::string("cannot connect to 127.0.0.1:") + port + ": a port is a number from 1 to 65535");
        }
    }
}

TEST(ZeromqClientUrl, NobodyThereIsAnErrorInTime) {
    ClientOptions options;
    options.url = "zmq://127.0.0.1:1";
    options.timeout = std::chrono::milliseconds(50);
    EXPECT_THROW(make_client(options), ClientError);
    options.url = "http://127.0.0.1:1";
    EXPECT_THROW(make_client(options), ClientError);
}

}  // namespace
}  // namespace junctor::zeromq
