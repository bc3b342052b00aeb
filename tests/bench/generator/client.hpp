#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/bench/generator/client_loop.hpp"
#include "tests/bench/generator/connection.hpp"

namespace bench {

/// One connection and how far it is. Messages go to a function that the owner of the run gives.
class Client final : private WireEvents {
public:
    using OnMessage = std::function<void(std::string_view)>;

    Client(const Options& options, const std::string& name, OnMessage on_message = {})
        : on_message_(std::move(on_message)), connection_(options, name, *this) {}

    Connection& connection() noexcept { return connection_; }
    bool ready() const noexcept { return ready_; }
    /// How many subscriptions the server has confirmed.
    std::uint32_t subscribed() const noexcept { return subscribed_; }
    /// How many messages the server has taken.
    std::uint64_t acknowledged() const noexcept { return acknowledged_; }

private:
    void on_ready() override { ready_ = true; }
    void on_subscribed() override { ++subscribed_; }
    void on_acknowledged() override { ++acknowledged_; }
    void on_message(std::string_view message) override {
        if (on_message_) on_message_(message);
    }

    OnMessage on_message_;
    bool ready_ = false;
    std::uint32_t subscribed_ = 0;
    std::uint64_t acknowledged_ = 0;
    Connection connection_;
};

using Clients = std::vector<std::unique_ptr<Client>>;

/// Polls until `done` says so; throws `std::runtime_error` naming `what` after `timeout_seconds`.
void await(ClientLoop& loop, const std::function<bool()>& done, const std::string& what, double timeout_seconds = 30);

/// Opens one more client in the loop. Does not wait for its session, but for the 64th before it: so many handshakes are under way at most.
Client& open_client(ClientLoop& loop, Clients& clients, const Options& options, const std::string& name, Client::OnMessage on_message = {});

/// Waits until the sessions of all clients are open.
void await_ready(ClientLoop& loop, const Clients& clients);

/// Waits until every client has so many subscriptions acknowledged.
void await_subscribed(ClientLoop& loop, const Clients& clients, std::uint32_t count = 1);

/// Goes on handling what arrives.
void run_for(ClientLoop& loop, double seconds);

}  // namespace bench
