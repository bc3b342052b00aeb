#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/runtime/system_clock.hpp"
#include "gateway/application.hpp"
#include "gateway/registry.hpp"

namespace junctor::test {

/// A file with this text, as far as it can be read.
inline ConfigurationReading reading(const std::string& text) {
    static int number = 0;
    const auto path =
        std::filesystem::path(testing::TempDir()) / ("application" + std::to_string(getpid()) + "-" + std::to_string(++number));
    std::ofstream(path) << text;
    const struct Removal {
        const std::filesystem::path& path;
        ~Removal() { std::filesystem::remove(path); }
    } removal{path};
    return read_configuration(path.string(), connector_descriptors());
}

/// What a file with this text means.
inline Configuration configuration(const std::string& text) {
    ConfigurationReading read = reading(text);
    if (!read.problems.empty()) throw config::ConfigError(read.problems.lines());
    return std::move(read.configuration);
}

/// All that is wrong with it.
inline std::vector<std::string> problems_of(const std::string& text) {
    SystemClock clock;
    try {
        const Application application(reading(text), connector_descriptors(), clock);
        return {};
    } catch (const config::ConfigError& refused) {
        return refused.lines();
    }
}

/// A blocking TCP client of a test; every wait ends after five seconds.
class BlockingSocket {
public:
    explicit BlockingSocket(const Address& to) : descriptor_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        const timeval patience{5, 0};
        setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(to.port);
        inet_pton(AF_INET, to.host.c_str(), &address.sin_addr);
        connected_ = connect(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    }
    BlockingSocket(BlockingSocket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)), connected_(other.connected_) {}
    ~BlockingSocket() { close(descriptor_); }

    bool connected() const { return connected_; }
    void send(std::string_view bytes) {
        ASSERT_EQ(::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
    }
    /// False when the other side has gone.
    bool try_send(std::string_view bytes) { return ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL) > 0; }
    std::string read(std::size_t most) {
        std::string bytes(most, '\0');
        const ssize_t size = recv(descriptor_, bytes.data(), bytes.size(), 0);
        bytes.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
        return bytes;
    }
    std::string read_all() {
        std::string all;
        for (std::string some = read(65'536); !some.empty(); some = read(65'536)) all += some;
        return all;
    }
    /// Everything up to and including `end`, or what came until the peer's end.
    std::string read_until(std::string_view end) {
        std::string all;
        for (std::string some = read(65'536); !some.empty(); some = read(65'536))
            if (all += some; all.find(end) != all.npos) break;
        return all;
    }

private:
    int descriptor_;
    bool connected_ = false;
};

/// A gateway in this process, its admin API on `admin`, an MQTT connector, if any, on `door`.
class ApplicationFixture : public testing::Test {
protected:
    const Address admin{"127.0.0.1", 0};
    const Address door{"127.0.0.2", 0};

    static constexpr const char* two_cores =
        "cores: 2\n"
        "admin: {address: \"127.0.0.1:0\"}\n"
        "connectors:\n"
        "  - {type: mqtt, address: \"127.0.0.2:0\"}\n";

    void run(const std::string& text) {
        application_ = std::make_unique<Application>(configuration(text), descriptors_, clock_);
        application_->start();
    }

    std::string get(const Address& address, const std::string& path, const std::string& host = "127.0.0.1") {
        BlockingSocket client(application_->bound(address));
        client.send("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
        return client.read_all();
    }

    /// The code of the CONNACK that a clean MQTT 3.1.1 client gets; the connection stays open in `clients_`.
    int mqtt_connect() {
        BlockingSocket& client = clients_.emplace_back(application_->bound(door));
        client.send(std::string("\x10\x0c\x00\x04MQTT\x04\x02\x00\x3c\x00\x00", 14));
        const std::string answer = client.read(4);
        return answer.size() == 4 ? answer[3] : -1;
    }
    /// Whether that connection still answers a PINGREQ.
    static bool mqtt_answers(BlockingSocket& client) {
        client.send(std::string("\xc0\x00", 2));
        return client.read(2) == std::string("\xd0\x00", 2);
    }

    SystemClock clock_;
    const std::vector<Descriptor> descriptors_ = connector_descriptors();
    std::unique_ptr<Application> application_;
    std::vector<BlockingSocket> clients_;
};

}  // namespace junctor::test
