#include "tests/conformance/backend/broker_process.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio.hpp>
#include <chrono>
#include <fstream>
#include <stdexcept>
#include <thread>

extern char** environ;

namespace junctor::test {

namespace {

using boost::asio::ip::tcp;
constexpr const char* program = "/usr/sbin/mosquitto";

tcp::endpoint loopback(std::uint16_t port) { return {boost::asio::ip::make_address("127.0.0.1"), port}; }

std::uint16_t free_port() {
    boost::asio::io_context io;
    return tcp::acceptor(io, loopback(0)).local_endpoint().port();
}

bool answers(std::uint16_t port) {
    boost::asio::io_context io;
    tcp::socket socket(io);
    boost::system::error_code error;
    socket.connect(loopback(port), error);
    return !error;
}

}  // namespace

bool BrokerProcess::installed() { return access(program, X_OK) == 0; }

BrokerProcess::BrokerProcess() : port_(free_port()) {
    std::string pattern = testing::TempDir() + "/brokerXXXXXX";
    folder_ = mkdtemp(pattern.data());
    const std::string config = (folder_ / "mosquitto.conf").string();
    std::ofstream(config) << "listener " << port_ << " 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\nset_tcp_nodelay true\nlog_dest none\n";
    std::array<char*, 4> arguments{const_cast<char*>(program), const_cast<char*>("-c"), const_cast<char*>(config.c_str()), nullptr};
    if (posix_spawn(&process_, program, nullptr, nullptr, arguments.data(), environ) != 0) throw std::runtime_error("mosquitto did not start");
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!answers(port_)) {
        if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error("mosquitto does not answer");
        std::this_thread::sleep_for(std::chrono::milliseconds(5));  // between two looks
    }
}

BrokerProcess::~BrokerProcess() {
    kill(process_, SIGTERM);
    waitpid(process_, nullptr, 0);
    std::filesystem::remove_all(folder_);
}

}  // namespace junctor::test
