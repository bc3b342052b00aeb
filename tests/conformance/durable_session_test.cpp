// A session that outlives its connection, in each protocol's own idiom: what comes meanwhile is there afterwards, once and in order.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "tests/conformance/gateway_under_test.hpp"
#include "tests/conformance/systems.hpp"

namespace junctor::test {
namespace {

using namespace std::chrono_literals;

constexpr Duration patience = 20s;

GatewayUnderTest& gateway(unsigned cores) {
    return shared_gateway("durable sessions", cores);
}

class DurableSessions : public testing::TestWithParam<Setting> {
protected:
    /// Several names, so that with several cores some sessions have their home elsewhere.
    static constexpr int names = 4;

    std::string own(const std::string& rest) const {
        std::string test = testing::UnitTest::GetInstance()->current_test_info()->name();
        std::replace(test.begin(), test.end(), '/', '-');
        return "durable-" + test + '-' + rest;
    }
    std::unique_ptr<Client> session(int number) const {
        ClientOptions options;
        options.timeout = patience;
        options.client_id = own(std::to_string(number));
        options.session_expiry = 10min;
        return gateway(GetParam().cores).client(GetParam().system.scheme, options);
    }
    std::unique_ptr<Client> publisher() const { return gateway(GetParam().cores).client("mqtt"); }
    void publish(Client& client, int from, int to) const {
        for (int number = from; number < to; ++number) {
            ClientMessage message;
            message.topic = own("topic");
            append(message.payload, std::to_string(number));
            message.qos = Qos::at_least_once;
            client.publish(message);
        }
    }
    static void expect(Client& client, int from, int to) {
        for (int number = from; number < to; ++number) {
            const std::optional<ClientMessage> received = client.receive(patience);
            ASSERT_TRUE(received) << number;
            ASSERT_EQ(as_text(received->payload), std::to_string(number));
        }
    }
    /// Nothing more comes; and the gateway has taken every acknowledgement before it answers.
    void expect_nothing(Client& client) const {
        EXPECT_FALSE(client.receive(300ms));
        ClientMessage last;
        last.topic = own("elsewhere");
        last.qos = Qos::at_least_once;
        client.publish(last);
    }
};

TEST_P(DurableSessions, KeepWhatComesMeanwhileAndGiveItOnceInOrder) {
    const auto source = publisher();
    for (int name = 0; name < names; ++name) {
        SCOPED_TRACE(name);
        {
            const auto reader = session(name);
            reader->subscribe(own("topic"), Qos::at_least_once);
            publish(*source, 0, 5);
            expect(*reader, 0, 5);
            expect_nothing(*reader);
        }
        publish(*source, 5, 40);
        {
            const auto reader = session(name);
            reader->subscribe(own("topic"), Qos::at_least_once);
            expect(*reader, 5, 40);
            publish(*source, 40, 45);
            expect(*reader, 40, 45);
            expect_nothing(*reader);
        }
        const auto reader = session(name);
        reader->subscribe(own("topic"), Qos::at_least_once);
        expect_nothing(*reader);
    }
}

TEST_P(DurableSessions, AreTakenOverWithWhatTheyHold) {
    const auto source = publisher();
    const auto first = session(0);
    first->subscribe(own("topic"), Qos::at_least_once);
    const auto second = session(0);
    second->subscribe(own("topic"), Qos::at_least_once);
    publish(*source, 0, 10);
    expect(*second, 0, 10);
}

INSTANTIATE_TEST_SUITE_P(ConformanceOfEvery, DurableSessions, testing::ValuesIn(settings({1, 4}, true)), testing::PrintToStringParamName());

}  // namespace
}  // namespace junctor::test
