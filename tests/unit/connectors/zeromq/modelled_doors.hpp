#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "connectors/zeromq/door.hpp"
#include "tests/support/fake_host.hpp"
#include "tests/support/zmq_network.hpp"
#include "tests/unit/connectors/zeromq/small_core.hpp"

namespace junctor::zeromq {

/// A door on a core of its own and a model of libzmq around it, for what real sockets do only when they please.
template <class DoorKind>
class ModelledDoor : public ::testing::Test {
protected:
    static constexpr std::uint16_t port = 5555;

    void SetUp() override {
        SocketOptions options;
        options.high_water_mark = 4;
        zap = std::make_shared<Zap>(network, host, CoreId{0}, "zeromq");
        door = std::make_shared<DoorKind>(DoorSetup{host, network, CoreId{0}, "zeromq", options, std::chrono::minutes(5), true, zap});
        door->bind(Address{"127.0.0.1", port});
        door->start();
        zap->start();
        settle();
    }

    void TearDown() override {
        door->drain();
        zap->stop();
        settle();
    }

    /// What is posted, and what the descriptors say.
    void run_core() {
        for (bool moved = true; moved;) {
            moved = !host.posted.empty();
            for (const auto& [core, task] : std::exchange(host.posted, {})) task(small.core);
            for (auto watched = host.watches.begin(); watched != host.watches.end();) {
                const auto here = watched++;
                if (!network.signalled(here->descriptor)) continue;
                here->readable();
                moved = true;
            }
        }
    }
    /// The same, and all that the network brings.
    void settle() {
        do {
            run_core();
        } while (network.step());
    }
    void pass(Duration by) {
        small.advance(by);
        settle();
    }

    std::shared_ptr<test::ZmqLine> connect(const std::string& user) {
        auto line = network.connect(port, user, {});
        settle();
        return line;
    }
    /// It goes, and before the door has looked another one has its number.
    std::shared_ptr<test::ZmqLine> succeed(test::ZmqLine& gone, const std::string& user) {
        gone.close();
        while (network.step()) {
        }
        auto line = network.connect(port, user, {});
        EXPECT_EQ(line->number, gone.number);
        host.watches.back().readable();  // ZAP's
        EXPECT_TRUE(line->open());
        return line;
    }
    void send(test::ZmqLine& line, test::ZmqFrames frames) {
        line.wire.push_back({std::move(frames)});
        line.carry();
    }
    void subscribe(test::ZmqLine& line, const std::string& prefix) {
        send(line, {"\1" + prefix});
        settle();
    }
    static std::vector<std::string> bodies(test::ZmqLine& line) {
        std::vector<std::string> all;
        while (const auto message = line.read()) all.push_back((*message)[1]);
        return all;
    }

    test::SmallCore small;
    test::FakeHost host;
    test::SeededRandom random{1};
    test::ZmqNetwork network{random, small.clock};
    std::shared_ptr<Zap> zap;
    std::shared_ptr<DoorKind> door;
};

}  // namespace junctor::zeromq
