#pragma once

#include <algorithm>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "connectors/zeromq/subscribe_door.hpp"
#include "tests/unit/connectors/zeromq/doors.hpp"
#include "tests/unit/connectors/zeromq/raw_subscriber.hpp"

namespace junctor::zeromq {

/// The door that SUB sockets connect to, with real ones.
class SubscribeDoorFixture : public DoorTest<SubscribeDoor> {
protected:
    std::vector<std::string> filters() {
        return small.gate.open_sessions.empty() ? std::vector<std::string>{} : small.gate.filters_of(*small.gate.open_sessions[0]);
    }

    /// Its handshake waits for the answer who it is, which comes from this thread.
    std::unique_ptr<RawSubscriber> raw_subscriber() {
        auto made = std::async(std::launch::async, [this] { return std::make_unique<RawSubscriber>(door->bound()); });
        EXPECT_TRUE(run_until([&] { return made.wait_for(std::chrono::seconds(0)) == std::future_status::ready; }));
        return made.get();
    }

    /// Subscribes and waits until it takes effect: a marker under the prefix arrives.
    void subscribe(TestSocket& subscriber, const std::string& prefix) {
        subscriber.subscribe(prefix);
        subscriber.subscribe("marker/");
        ASSERT_TRUE(run_until([&] {
            small.gate.inject("marker/x", "");
            return subscriber.receive();
        }));
        subscriber.unsubscribe("marker/");
        ASSERT_TRUE(run_until([&] {
            const auto all = filters();
            return std::find(all.begin(), all.end(), "marker/#") == all.end();
        }));
        subscriber.received.clear();
    }

    /// The first one's session is the older one.
    std::pair<std::unique_ptr<TestSocket>, std::unique_ptr<TestSocket>> two_vouched_for_apart(const std::string& prefix) {
        small.gate.describe = [token = 0](Principal& principal) mutable { principal.attributes["token"] = std::to_string(++token); };
        auto one = connect(zmq::socket_type::sub);
        subscribe(*one, prefix);
        auto other = connect(zmq::socket_type::sub);
        other->subscribe(prefix);
        EXPECT_TRUE(run_until([&] { return small.gate.open_sessions.size() == 2; }));
        return {std::move(one), std::move(other)};
    }

    /// Everything injected so far has reached `subscriber` when this has.
    void finish(TestSocket& subscriber, const std::string& topic) {
        small.gate.inject(topic, "end");
        ASSERT_TRUE(run_until([&] {
            while (subscriber.receive()) {}
            return !subscriber.received.empty() && subscriber.received.back()[1] == "end";
        }));
        subscriber.received.pop_back();
        std::erase_if(subscriber.received, [](const Message& message) { return message[0].starts_with("marker/"); });
    }
};

}  // namespace junctor::zeromq
