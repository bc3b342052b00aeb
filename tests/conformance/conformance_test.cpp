// What every connector must do, seen through the client that it brings along.
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <thread>

#include "tests/conformance/gateway_under_test.hpp"
#include "tests/conformance/systems.hpp"

namespace junctor::test {
namespace {

using namespace std::chrono_literals;

constexpr Duration patience = 20s;

GatewayUnderTest& gateway(unsigned cores) { return shared_gateway("conformance", cores, "{packet: 1MiB}"); }

class Conformance : public testing::TestWithParam<Setting> {
protected:
    std::unique_ptr<Client> client(Duration timeout = patience) const { return gateway(GetParam().cores).client(GetParam().system.scheme, timeout); }
    /// With QoS 1, or what the protocol has.
    static ClientMessage message(const std::string& topic, std::string_view payload, Qos qos = Qos::at_least_once) {
        ClientMessage made;
        made.topic = topic;
        append(made.payload, payload);
        made.qos = std::min(qos, GetParam().system.max_qos);
        return made;
    }
    /// A topic that no other case uses.
    std::string topic(const std::string& rest) const {
        return "conformance/" + GetParam().system.name + '/' + testing::UnitTest::GetInstance()->current_test_info()->name() + '/' + rest;
    }
    void refuses_wildcards() const {
        for (const std::string filter : {"a/+", "#"}) EXPECT_THROW(client()->subscribe(filter, Qos::at_most_once), ClientError) << filter;
    }
    static std::string next(Client& client) {
        const std::optional<ClientMessage> received = client.receive(patience);
        return received ? std::string(as_text(received->payload)) : "nothing came";
    }
};

TEST_P(Conformance, PublishAndSubscribe) {
    const auto subscriber = client(), publisher = client();
    subscriber->subscribe(topic("a"), Qos::at_least_once);
    const std::string binary("\0\xff\xc0 text\r\n", 10);
    publisher->publish(message(topic("a"), "one"));
    publisher->publish(message(topic("a"), binary));
    publisher->publish(message(topic("a"), ""));
    publisher->publish(message(topic("a"), "last", Qos::at_most_once));
    EXPECT_EQ(next(*subscriber), "one");
    EXPECT_EQ(next(*subscriber), binary);
    EXPECT_EQ(next(*subscriber), "");
    EXPECT_EQ(next(*subscriber), "last");
}

TEST_P(Conformance, MessagesOfEverySize) {
    const auto subscriber = client(), publisher = client();
    subscriber->subscribe(topic("x"), Qos::at_least_once);
    for (const std::size_t size : {1u, 125u, 126u, 127u, 128u, 255u, 256u, 257u, 4'096u, 16'384u, 65'535u, 65'536u, 300'000u}) {
        const std::string payload(size, static_cast<char>('a' + size % 26));
        publisher->publish(message(topic("x"), payload));
        EXPECT_EQ(next(*subscriber), payload) << size;
    }
}

TEST_P(Conformance, WildcardsMatchWhatTheyShould) {
    if (!GetParam().system.wildcards) return refuses_wildcards();
    const auto plus = client(), hash = client(), publisher = client();
    plus->subscribe(topic("+/b"), Qos::at_least_once);
    hash->subscribe(topic("a/#"), Qos::at_least_once);
    for (const std::string_view name : {"a/b", "x/b", "a/b/c", "a", "b", "end/b", "a/end"}) publisher->publish(message(topic(std::string(name)), name));
    for (const std::string_view expected : {"a/b", "x/b", "end/b"}) EXPECT_EQ(next(*plus), expected);
    for (const std::string_view expected : {"a/b", "a/b/c", "a", "a/end"}) EXPECT_EQ(next(*hash), expected);
}

TEST_P(Conformance, ATopicKeepsItsCharacters) {
    const auto subscriber = client(), publisher = client();
    const std::string name = topic("space \xe2\x82\xac%2F?&=*>.:\"\\/'//end/");
    subscriber->subscribe(GetParam().system.wildcards ? topic("#") : name, Qos::at_least_once);
    publisher->publish(message(name, "x"));
    const std::optional<ClientMessage> received = subscriber->receive(patience);
    ASSERT_TRUE(received);
    EXPECT_EQ(received->topic, name);
}

TEST_P(Conformance, AfterUnsubscribeNothingComes) {
    const auto subscriber = client(), publisher = client();
    subscriber->subscribe(topic("a"), Qos::at_least_once);
    subscriber->subscribe(topic("end"), Qos::at_least_once);
    publisher->publish(message(topic("a"), "1"));
    EXPECT_EQ(next(*subscriber), "1");
    subscriber->unsubscribe(topic("a"));
    publisher->publish(message(topic("a"), "2"));
    publisher->publish(message(topic("end"), "end"));
    EXPECT_EQ(next(*subscriber), "end");
}

TEST_P(Conformance, ManySubscribersEachGetACopyInOrder) {
    std::vector<std::unique_ptr<Client>> subscribers;
    for (int count = 0; count < 8; ++count) {
        subscribers.push_back(client());
        subscribers.back()->subscribe(topic("a"), Qos::at_least_once);
    }
    const auto publisher = client();
    for (int number = 0; number < 50; ++number) publisher->publish(message(topic("a"), std::to_string(number)));
    for (const auto& subscriber : subscribers)
        for (int number = 0; number < 50; ++number) ASSERT_EQ(next(*subscriber), std::to_string(number));
}

TEST_P(Conformance, RetainedValuesComeFirstAndCanBeCleared) {
    const auto publisher = client();
    ClientMessage kept = message(topic("a"), "kept");
    kept.retain = true;
    if (!GetParam().system.retains) {
        EXPECT_THROW(publisher->publish(kept), ClientError);
        return;
    }
    publisher->publish(kept);
    kept.payload.clear();
    append(kept.payload, std::string_view("newer"));
    publisher->publish(kept);
    const auto late = client();
    late->subscribe(topic("#"), Qos::at_least_once);
    const std::optional<ClientMessage> received = late->receive(patience);
    ASSERT_TRUE(received);
    EXPECT_EQ(as_text(received->payload), "newer");
    EXPECT_TRUE(received->retain);
    kept.payload.clear();
    publisher->publish(kept);
    const auto later = client();
    later->subscribe(topic("#"), Qos::at_least_once);
    publisher->publish(message(topic("end"), "end"));
    EXPECT_EQ(next(*later), "end");
}

TEST_P(Conformance, HeadersSurvive) {
    const auto subscriber = client(), publisher = client();
    subscriber->subscribe(topic("a"), Qos::at_least_once);
    ClientMessage sent = message(topic("a"), "{}");
    sent.extras.content_type = "application/json; charset=utf-8";
    sent.extras.headers = {{"b", "1"}, {"Case", "Kept"}, {"b", "again"}, {"unit", "\xc2\xb0\x43"}, {"empty", ""}, {"sp ace", "a=b, c;\"d\""}};
    if (!GetParam().system.repeats_headers) {
        EXPECT_THROW(publisher->publish(sent), ClientError);
        sent.extras.headers.erase(sent.extras.headers.begin() + 2);
    }
    publisher->publish(sent);
    const std::optional<ClientMessage> received = subscriber->receive(patience);
    ASSERT_TRUE(received);
    EXPECT_EQ(received->extras.content_type, sent.extras.content_type);
    EXPECT_EQ(received->extras.headers, sent.extras.headers);
}

TEST_P(Conformance, AMessageWithoutHeadersGetsNone) {
    const auto subscriber = client(), publisher = client();
    subscriber->subscribe(topic("a"), Qos::at_least_once);
    publisher->publish(message(topic("a"), "x"));
    const std::optional<ClientMessage> received = subscriber->receive(patience);
    ASSERT_TRUE(received);
    EXPECT_TRUE(received->extras.headers.empty());
    EXPECT_EQ(received->extras.content_type, "");
    EXPECT_EQ(received->extras.reply_to, "");
}

TEST_P(Conformance, RequestsAreAnswered) {
    const auto responder = client(), requester = client();
    responder->subscribe(topic("service"), Qos::at_least_once);
    std::thread answering([&] {
        for (int count = 0; count < 3; ++count) {
            const std::optional<ClientMessage> request = responder->receive(patience);
            if (!request) return;
            responder->reply(*request, message("", "answer to " + std::string(as_text(request->payload))));
        }
    });
    for (const std::string question : {"1", "2", "3"})
        EXPECT_EQ(as_text(requester->request(message(topic("service"), question), patience).payload), "answer to " + question);
    answering.join();
}

TEST_P(Conformance, ARequestWithoutAnAnswerIsReported) {
    const auto requester = client();
    EXPECT_THROW(requester->request(message(topic("nobody"), "?"), 2s), ClientError) << "nobody is there";
    const auto silent = client();
    silent->subscribe(topic("silent"), Qos::at_least_once);
    EXPECT_THROW(requester->request(message(topic("silent"), "?"), 500ms), ClientError) << "nobody answers";
    EXPECT_EQ(next(*silent), "?");
}

TEST_P(Conformance, ReservedTopicsMatchNoWildcard) {
    if (!GetParam().system.wildcards) return refuses_wildcards();
    const auto subscriber = client();
    subscriber->subscribe("#", Qos::at_most_once);
    const auto publisher = client();
    publisher->publish(message(topic("end"), "end"));
    for (;;) {
        const std::optional<ClientMessage> received = subscriber->receive(patience);
        ASSERT_TRUE(received);
        EXPECT_NE(received->topic.front(), '$') << received->topic;
        if (received->topic == topic("end")) break;
    }
}

TEST_P(Conformance, BadTopicsAndFiltersAreRefusedAndTheRestGoesOn) {
    for (const std::string bad : {"a/#/b", "a+"}) EXPECT_THROW(client()->subscribe(bad, Qos::at_least_once), ClientError) << bad;
    for (const std::string bad : {"a/#", "+"}) EXPECT_THROW(client()->publish(message(bad, "x")), ClientError) << bad;
    const auto subscriber = client(), publisher = client();
    subscriber->subscribe(topic("a"), Qos::at_least_once);
    publisher->publish(message(topic("a"), "still here"));
    EXPECT_EQ(next(*subscriber), "still here");
}

TEST_P(Conformance, WhatIsTooLargeIsRefusedAndTheRestGoesOn) {
    const auto subscriber = client();
    subscriber->subscribe(topic("a"), Qos::at_least_once);
    // Where the protocol has no error for it, the silence that follows the end of the connection is one.
    EXPECT_THROW(client(2s)->publish(message(topic("a"), std::string(2 << 20, 'x'))), ClientError);
    client()->publish(message(topic("a"), "still here"));
    EXPECT_EQ(next(*subscriber), "still here");
}

INSTANTIATE_TEST_SUITE_P(Every, Conformance, testing::ValuesIn(settings({1, 4})), testing::PrintToStringParamName());

}  // namespace
}  // namespace junctor::test
