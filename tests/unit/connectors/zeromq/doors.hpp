#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>
#include <zmq.hpp>

#include "connectors/zeromq/door.hpp"
#include "connectors/zeromq/libzmq_sockets.hpp"
#include "tests/unit/connectors/zeromq/poll_host.hpp"
#include "tests/unit/connectors/zeromq/small_core.hpp"

namespace junctor::zeromq {

using Message = std::vector<std::string>;

/// A client's socket: libzmq's own, blocking nowhere.
class TestSocket {
public:
    TestSocket(zmq::context_t& context, zmq::socket_type type, const Address& address, std::string_view name = {}) : socket_(context, type) {
        if (!name.empty()) socket_.set(zmq::sockopt::routing_id, name);
        socket_.set(zmq::sockopt::linger, 0);
        socket_.set(zmq::sockopt::sndhwm, 0);
        socket_.set(zmq::sockopt::rcvhwm, 0);
        endpoint_ = "tcp://" + address.text();
        socket_.connect(endpoint_);
    }

    void send(const Message& frames) {
        for (std::size_t at = 0; at < frames.size(); ++at)
            socket_.send(zmq::buffer(frames[at]), at + 1 < frames.size() ? zmq::send_flags::sndmore : zmq::send_flags::none);
    }

    /// True when a whole message has been added to `received`.
    bool receive() {
        Message message;
        zmq::message_t part;
        do {
            if (!socket_.recv(part, zmq::recv_flags::dontwait)) return false;
            message.push_back(part.to_string());
        } while (part.more());
        received.push_back(std::move(message));
        return true;
    }

    void subscribe(std::string_view prefix) { socket_.set(zmq::sockopt::subscribe, prefix); }
    void unsubscribe(std::string_view prefix) { socket_.set(zmq::sockopt::unsubscribe, prefix); }
    zmq::socket_t& native() { return socket_; }

    std::vector<Message> received;

private:
    zmq::socket_t socket_;
    std::string endpoint_;
};

/// A door on a core of its own, with real sockets around it.
template <class DoorKind>
class DoorTest : public ::testing::Test {
protected:
    void SetUp() override { open({}); }

    void open(SocketOptions options, const Address& address = {"127.0.0.1", 0}) {
        zap = std::make_shared<Zap>(sockets, host, CoreId{0}, "zeromq");
        door = std::make_shared<DoorKind>(DoorSetup{host, sockets, CoreId{0}, "zeromq", options, std::chrono::minutes(5), true, zap});
        door->bind(address);
        door->start();
        zap->start();
    }

    void TearDown() override {
        door->drain();
        zap->stop();
        host.run_once(0);
        host.run_once(0);
    }

    std::unique_ptr<TestSocket> connect(zmq::socket_type type) { return std::make_unique<TestSocket>(clients, type, door->bound()); }
    bool run_until(const std::function<bool()>& done) { return host.run_until(done); }
    bool run_until_received(TestSocket& socket, std::size_t count) {
        return host.run_until([&] {
            while (socket.received.size() < count && socket.receive()) {}
            return socket.received.size() >= count;
        });
    }

    test::SmallCore small;
    test::PollHost host{small.core};
    LibzmqSockets sockets;
    zmq::context_t clients{1};
    std::shared_ptr<Zap> zap;
    std::shared_ptr<DoorKind> door;
};

}  // namespace junctor::zeromq
