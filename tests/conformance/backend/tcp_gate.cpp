#include "tests/conformance/backend/tcp_gate.hpp"

#include <array>
#include <boost/asio.hpp>
#include <set>
#include <thread>

namespace junctor::test {

namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

tcp::endpoint loopback(std::uint16_t port) { return {boost::asio::ip::make_address("127.0.0.1"), port}; }

/// Both halves of a connection; lives while either way has something to do.
struct Relay : std::enable_shared_from_this<Relay> {
    Relay(tcp::socket from_client, boost::asio::io_context& io) : client(std::move(from_client)), server(io) {}

    void start(std::uint16_t port) {
        error_code error;
        server.connect(loopback(port), error);
        if (error) return cut();
        pump(client, server, outward);
        pump(server, client, inward);
    }
    void cut() {
        error_code ignored;
        client.close(ignored);
        server.close(ignored);
    }
    void pump(tcp::socket& from, tcp::socket& to, std::array<char, 16'384>& buffer) {
        from.async_read_some(boost::asio::buffer(buffer), [self = shared_from_this(), &from, &to, &buffer](error_code error, std::size_t size) {
            if (error) return self->cut();
            boost::asio::async_write(to, boost::asio::buffer(buffer, size), [self, &from, &to, &buffer](error_code failed, std::size_t) {
                failed ? self->cut() : self->pump(from, to, buffer);
            });
        });
    }

    tcp::socket client;
    tcp::socket server;
    std::array<char, 16'384> outward{};
    std::array<char, 16'384> inward{};
};

}  // namespace

struct TcpGate::State {
    explicit State(std::uint16_t to) : server(to), acceptor(io, loopback(0)) { accept(); }

    void accept() {
        acceptor.async_accept([this](error_code error, tcp::socket client) {
            if (error) return;
            const auto relay = std::make_shared<Relay>(std::move(client), io);
            if (is_open) {
                std::erase_if(relays, [](const auto& each) { return each.expired(); });
                relays.push_back(relay);
                relay->start(server);
            }
            accept();
        });
    }

    std::uint16_t server;
    boost::asio::io_context io;
    tcp::acceptor acceptor;
    bool is_open = true;
    std::vector<std::weak_ptr<Relay>> relays;
    std::thread thread;
};

TcpGate::TcpGate(std::uint16_t server) : state_(std::make_unique<State>(server)) {
    state_->thread = std::thread([state = state_.get()] { state->io.run(); });
}

TcpGate::~TcpGate() {
    state_->io.stop();
    state_->thread.join();
}

std::uint16_t TcpGate::port() const noexcept { return state_->acceptor.local_endpoint().port(); }

void TcpGate::close() {
    boost::asio::post(state_->io, [this] {
        state_->is_open = false;
        for (const auto& each : state_->relays)
            if (const auto relay = each.lock()) relay->cut();
    });
}

void TcpGate::open() {
    boost::asio::post(state_->io, [this] { state_->is_open = true; });
}

}  // namespace junctor::test
