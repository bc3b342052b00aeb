#include "tests/bench/generator/client.hpp"

#include <stdexcept>

#include "tests/bench/generator/stamp.hpp"

namespace bench {

using namespace std::chrono_literals;

void await(ClientLoop& loop, const std::function<bool()>& done, const std::string& what, double timeout_seconds) {
    const std::uint64_t deadline = now_ns() + static_cast<std::uint64_t>(timeout_seconds * 1e9);
    while (!done()) {
        if (now_ns() > deadline) throw std::runtime_error("waited too long for " + what);
        loop.poll(10ms);
    }
}

Client& open_client(ClientLoop& loop, Clients& clients, const Options& options, const std::string& name, Client::OnMessage on_message) {
    constexpr std::size_t handshakes_under_way = 64;
    if (clients.size() >= handshakes_under_way) {
        const Client& earlier = *clients[clients.size() - handshakes_under_way];
        await(loop, [&] { return earlier.ready(); }, "a connection to open");
    }
    Client& client = *clients.emplace_back(std::make_unique<Client>(options, name, std::move(on_message)));
    loop.add(client.connection());
    return client;
}

void await_ready(ClientLoop& loop, const Clients& clients) {
    for (const auto& client : clients) await(loop, [&] { return client->ready(); }, "a connection to open");
}

void await_subscribed(ClientLoop& loop, const Clients& clients, std::uint32_t count) {
    for (const auto& client : clients) await(loop, [&] { return client->subscribed() >= count; }, "a subscription");
}

void run_for(ClientLoop& loop, double seconds) {
    const std::uint64_t end = now_ns() + static_cast<std::uint64_t>(seconds * 1e9);
    while (now_ns() < end) loop.poll(10ms);
}

}  // namespace bench
