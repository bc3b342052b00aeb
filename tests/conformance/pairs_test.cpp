// Every ordered pair of protocols: what goes in by one comes out by the other, complete, in order and untouched.
#include <gtest/gtest.h>

#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include "tests/conformance/gateway_under_test.hpp"
#include "tests/conformance/systems.hpp"

namespace junctor::test {
namespace {

using namespace std::chrono_literals;

struct Pair {
    System from;
    System to;
    unsigned cores;

    friend std::ostream& operator<<(std::ostream& out, const Pair& pair) {
        return out << pair.from.name << "_to_" << pair.to.name << '_' << pair.cores << "_cores";
    }
};

std::vector<Pair> pairs() {
    std::vector<Pair> all;
    for (const unsigned cores : {1u, 2u})
        for (const System& from : systems)
            for (const System& to : systems) all.push_back({from, to, cores});
    return all;
}

/// How far the publisher may run ahead of the subscriber, in messages: a queue limit is not what is tested here.
class Window {
public:
    explicit Window(std::size_t size) : free_(size) {}

    /// False when nothing has been freed for too long: the subscriber will say why.
    bool take() {
        std::unique_lock lock(mutex_);
        if (!freed_.wait_for(lock, 30s, [this] { return free_ > 0; })) return false;
        --free_;
        return true;
    }
    void give() {
        const std::lock_guard lock(mutex_);
        ++free_;
        freed_.notify_one();
    }

private:
    std::mutex mutex_;
    std::condition_variable freed_;
    std::size_t free_;
};

/// A message that shows which one it is, with every byte value in it. Some have headers, most have not.
ClientMessage numbered(const std::string& topic, std::uint32_t number, std::size_t size, const Pair& pair) {
    ClientMessage message;
    message.topic = topic;
    message.qos = std::min(Qos::at_least_once, pair.from.max_qos);
    message.payload.resize(size);
    for (std::size_t at = 0; at < size; ++at) message.payload[at] = static_cast<std::uint8_t>(at + number * 7);
    for (std::size_t at = 0; at < sizeof number; ++at) message.payload[at] = static_cast<std::uint8_t>(number >> 8 * at);
    if (number % 16 != 0) return message;
    message.extras.content_type = "application/octet-stream";
    message.extras.headers = {{"number", std::to_string(number)}, {"twice", "a"}, {"twice", "b"}};
    if (!pair.from.repeats_headers || !pair.to.repeats_headers) message.extras.headers.pop_back();
    return message;
}

class Pairs : public testing::TestWithParam<Pair> {
protected:
    void transfer(std::uint32_t count, std::size_t size, std::size_t ahead) {
        const std::string topic = "pairs/" + GetParam().from.name + "/" + GetParam().to.name + "/" + std::to_string(size);
        const auto subscriber = gateway().client(GetParam().to.scheme), publisher = gateway().client(GetParam().from.scheme);
        subscriber->subscribe(topic, Qos::at_least_once);
        Window window(ahead);
        std::string failure;
        std::thread publishing([&] {
            try {
                for (std::uint32_t number = 0; number < count && window.take(); ++number) publisher->publish(numbered(topic, number, size, GetParam()));
            } catch (const std::exception& error) {
                failure = error.what();
            }
        });
        receive(*subscriber, window, topic, count, size);
        publishing.join();
        EXPECT_EQ(failure, "");
        EXPECT_FALSE(subscriber->receive(1ms)) << "one too many";
    }

    static ClientMessage answer_to(std::uint32_t number) {
        ClientMessage answer = numbered("", number + 1, 64, GetParam());
        answer.qos = std::min(answer.qos, GetParam().to.max_qos);
        return answer;
    }

    /// Equal to what was sent in this order: nothing lost, twice, out of order or changed.
    static void receive(Client& subscriber, Window& window, const std::string& topic, std::uint32_t count, std::size_t size) {
        for (std::uint32_t number = 0; number < count; ++number) {
            const std::optional<ClientMessage> received = subscriber.receive(20s);
            ASSERT_TRUE(received) << "message " << number << " of " << count << " did not come";
            const ClientMessage expected = numbered(topic, number, size, GetParam());
            ASSERT_TRUE(received->payload == expected.payload) << "at message " << number;
            ASSERT_EQ(received->topic, topic);
            ASSERT_EQ(received->extras.content_type, expected.extras.content_type) << number;
            ASSERT_EQ(received->extras.headers, expected.extras.headers) << number;
            window.give();
        }
    }

    static GatewayUnderTest& gateway() { return shared_gateway("pairs", GetParam().cores); }
};

TEST_P(Pairs, SmallMessages) { transfer(10'000, 64, 1'000); }

TEST_P(Pairs, LargeMessages) { transfer(1'000, 65'536, 32); }

TEST_P(Pairs, RequestsAndReplies) {
    const std::string topic = "pairs/service/" + GetParam().from.name + "/" + GetParam().to.name;
    const auto responder = gateway().client(GetParam().to.scheme), requester = gateway().client(GetParam().from.scheme);
    responder->subscribe(topic, Qos::at_least_once);
    constexpr std::uint32_t count = 20;
    std::thread answering([&] {
        for (std::uint32_t number = 0; number < count; ++number) {
            const std::optional<ClientMessage> request = responder->receive(20s);
            if (!request) return;
            ClientMessage answer = answer_to(number);
            append(answer.payload, Bytes(request->payload));
            responder->reply(*request, std::move(answer));
        }
    });
    for (std::uint32_t number = 0; number < count; ++number) {
        const ClientMessage question = numbered(topic, number, 100, GetParam());
        const ClientMessage answer = requester->request(question, 20s);
        ClientMessage expected = answer_to(number);
        append(expected.payload, Bytes(question.payload));
        EXPECT_TRUE(answer.payload == expected.payload) << number;
        EXPECT_EQ(answer.extras.headers, expected.extras.headers);
        EXPECT_EQ(answer.extras.content_type, expected.extras.content_type);
    }
    answering.join();
}

INSTANTIATE_TEST_SUITE_P(All, Pairs, testing::ValuesIn(pairs()), testing::PrintToStringParamName());

}  // namespace
}  // namespace junctor::test
