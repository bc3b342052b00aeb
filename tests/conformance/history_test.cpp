// Subscriptions that begin in a history, in each protocol's own idiom: all of it in order, or a word that some is gone.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "tests/conformance/gateway_under_test.hpp"
#include "tests/conformance/raw_connection.hpp"
#include "tests/conformance/systems.hpp"

namespace junctor::test {
namespace {

using namespace std::chrono_literals;
using From = HistoryStart::From;

constexpr Duration patience = 20s;

GatewayUnderTest& gateway(unsigned cores) {
    return shared_gateway("history", cores, "{}", R"([{filter: "kept/#", messages: 100000}, {filter: "few/+", messages: 5}])");
}

class History : public testing::TestWithParam<Setting> {
protected:
    std::string own(const std::string& root) const {
        std::string test = testing::UnitTest::GetInstance()->current_test_info()->name();
        std::replace(test.begin(), test.end(), '/', '-');
        return root + '/' + test;
    }
    std::unique_ptr<Client> reader(HistoryStart start) const {
        ClientOptions options;
        options.timeout = patience;
        options.start = start;
        return gateway(GetParam().cores).client(GetParam().system.scheme, options);
    }
    std::unique_ptr<Client> publisher() const { return gateway(GetParam().cores).client("mqtt"); }
    static void publish(Client& client, const std::string& topic, int from, int to, Qos qos = Qos::at_least_once) {
        for (int number = from; number < to; ++number) {
            ClientMessage message;
            message.topic = topic;
            append(message.payload, std::to_string(number));
            message.qos = qos;
            client.publish(message);
        }
    }
    /// Answers the place of the last.
    static HistoryPosition expect(Client& client, int from, int to) {
        HistoryPosition last;
        for (int number = from; number < to; ++number) {
            const std::optional<ClientMessage> received = client.receive(patience);
            EXPECT_TRUE(received) << number;
            if (!received) return last;
            EXPECT_EQ(as_text(received->payload), std::to_string(number));
            EXPECT_GT(received->place, last);
            last = received->place;
        }
        return last;
    }
};

TEST_P(History, BeginsWithTheFirstAndGoesOnLive) {
    const auto source = publisher();
    const std::string topic = own("kept");
    publish(*source, topic, 0, 600);
    const auto client = reader({From::first, {}});
    client->subscribe(topic, Qos::at_least_once);
    publish(*source, topic, 600, 650);
    expect(*client, 0, 650);
    EXPECT_FALSE(client->receive(200ms));
}

TEST_P(History, ResumesExactlyBehindTheLastMessageSeenUnderLiveTraffic) {
    const auto source = publisher();
    const std::string topic = own("kept");
    HistoryPosition seen;
    int next = 0;
    for (int round = 0; round < 5; ++round) {
        const auto client = reader(round == 0 ? HistoryStart{From::first, {}} : HistoryStart{From::after, seen});
        publish(*source, topic, 100 * round, 100 * round + 50);
        client->subscribe(topic, Qos::at_most_once);
        EXPECT_NE(client->outcome().how, Resumption::gap);
        publish(*source, topic, 100 * round + 50, 100 * round + 100);
        seen = expect(*client, next, 100 * round + 70);
        next = 100 * round + 70;
    }
}

TEST_P(History, SaysThatAPartIsGoneAndGoesOnWithWhatIsLeft) {
    const auto source = publisher();
    const std::string topic = own("few");
    publish(*source, topic, 0, 1);
    HistoryPosition first;
    {
        const auto client = reader({From::first, {}});
        client->subscribe(topic, Qos::at_most_once);
        first = expect(*client, 0, 1);
    }
    ASSERT_NE(first.offset, 0U);
    publish(*source, topic, 1, 20);
    const auto client = reader({From::after, first});
    client->subscribe(topic, Qos::at_most_once);
    const std::optional<ClientMessage> received = client->receive(patience);
    ASSERT_TRUE(received);
    EXPECT_EQ(client->outcome().how, Resumption::gap);
    EXPECT_EQ(as_text(received->payload), "15");
    expect(*client, 16, 20);
}

TEST_P(History, SaysThatThereIsNoneAndIsLive) {
    const auto source = publisher();
    const std::string topic = own("elsewhere");
    const auto client = reader({From::first, {}});
    client->subscribe(topic, Qos::at_most_once);
    publish(*source, topic, 0, 1);
    ASSERT_TRUE(client->receive(patience));
    EXPECT_EQ(client->outcome().how, Resumption::none);
}

TEST_P(History, IsReadOverHttpWhoeverPublished) {
    const auto source = gateway(GetParam().cores).client(GetParam().system.scheme);
    const std::string topic = own("kept");
    const auto read = [&](const std::string& further) {
        RawConnection http(gateway(GetParam().cores).endpoint("http"));
        http.send("GET /v1/history/" + topic + "?limit=2" + further + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        return http.receive_until_closed();
    };
    const auto member = [](const std::string& answer, const std::string& name) {
        const std::size_t begin = answer.find("\"" + name + "\":") + name.size() + 3;
        std::string value = answer.substr(begin, answer.find(',', begin) - begin);
        std::erase(value, '"');
        return value;
    };
    // What other cases have left is not read again.
    const std::string before = read("");
    publish(*source, topic, 0, 3);
    const std::string answer = read("&epoch=" + member(before, "epoch") + "&from=" + member(before, "last"));
    EXPECT_NE(answer.find(R"("data":"0")"), std::string::npos) << answer;
    EXPECT_NE(answer.find(R"("data":"1")"), std::string::npos);
    EXPECT_EQ(answer.find(R"("data":"2")"), std::string::npos) << "two were asked for";
}

INSTANTIATE_TEST_SUITE_P(ConformanceOfEvery, History, testing::ValuesIn(settings({1, 4}, true)), testing::PrintToStringParamName());

}  // namespace
}  // namespace junctor::test
