#pragma once

#include <map>
#include <memory>

#include "tests/simulation/client.hpp"
#include "tests/support/zmq_network.hpp"

namespace junctor::simulation {

/// A libzmq socket at one of the gateway's doors, with one of two users' names. What it loses it connects again by itself.
class ZmqClient : public Client {
public:
    ZmqClient(Surroundings around, std::string name, const std::unique_ptr<test::ZmqNetwork>& network, std::uint16_t port);

    bool ready() const override { return line_ && line_->open(); }
    bool connected() const override { return line_ != nullptr; }
    void connect(const std::string& session_name) override;
    void cut() override;
    void stall(bool stalled) override { stalled_ = stalled; }
    bool stalled() const override { return stalled_; }
    /// The doors do that.
    void drain(std::size_t) override {}
    bool turn() override;

protected:
    /// A new line stands.
    virtual void begun() {}
    virtual void read(const test::ZmqFrames& message) = 0;
    virtual void admitted(const std::string&) {}

    test::ZmqLine& line() noexcept { return *line_; }
    const std::string& user() const noexcept { return user_; }

    void send_reply(const std::string&, const std::string&, const std::string&) override {}

private:
    void lose();
    test::ZmqLine::Events events();
    bool drink();

    const std::unique_ptr<test::ZmqNetwork>& network_;  ///< another one after a crash
    const std::uint16_t port_;
    const std::string user_;
    std::shared_ptr<test::ZmqLine> line_;
    bool returns_ = false;  ///< it had a line
    bool greeted_ = false;
    bool stalled_ = false;
};

/// PUB: publishes at QoS 0, with headers or without, and hears nothing.
class PubClient final : public ZmqClient {
public:
    using ZmqClient::ZmqClient;
    Interest interest() const override { return Interest::none; }

private:
    bool knows(Kind kind) const override { return kind == Kind::publish; }
    Qos most_qos() const override { return Qos::at_most_once; }
    void send_publication(std::size_t number) override;
    void send_subscribe(std::size_t) override {}
    void send_unsubscribe(std::size_t) override {}
    void read(const test::ZmqFrames&) override {}
};

/// SUB: has prefixes, which it takes along to its next connection, and hands on only what they match.
class SubClient final : public ZmqClient {
public:
    using ZmqClient::ZmqClient;
    Interest interest() const override { return Interest::prefixes; }

private:
    bool knows(Kind) const override { return false; }
    Qos most_qos() const override { return Qos::at_most_once; }
    void send_publication(std::size_t) override {}
    void send_subscribe(std::size_t subscription) override;
    void send_unsubscribe(std::size_t subscription) override;
    void begun() override;
    void admitted(const std::string& prefix) override;
    void read(const test::ZmqFrames& message) override;

    std::map<std::string, std::size_t> prefixes_;  ///< and the subscriptions that they are
};

}  // namespace junctor::simulation
