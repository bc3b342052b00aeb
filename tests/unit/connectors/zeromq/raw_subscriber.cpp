#include "tests/unit/connectors/zeromq/raw_subscriber.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>

namespace junctor::zeromq {
namespace {

std::string greeting() {
    std::string bytes("\xff\0\0\0\0\0\0\0\x01\x7f\x03\0NULL", 16);
    bytes.resize(64);
    return bytes;
}

std::string ready() {
    const std::string body = std::string("\x05READY\x0bSocket-Type") + std::string("\0\0\0\x03SUB", 7);
    return std::string("\x04") + static_cast<char>(body.size()) + body;
}

}  // namespace

RawSubscriber::RawSubscriber(const Address& address) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(address.port);
    inet_pton(AF_INET, address.host.c_str(), &to.sin_addr);
    EXPECT_EQ(::connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to), 0);
    send(greeting() + ready());
    // libzmq takes frames that come in one piece with the handshake only when more follows.
    std::array<char, 128> theirs;
    for (std::size_t got = 0; got <= greeting().size();) {
        const ssize_t count = ::recv(socket_, theirs.data(), theirs.size(), 0);
        if (count <= 0) throw std::runtime_error("the door ended the connection");
        got += static_cast<std::size_t>(count);
    }
}

RawSubscriber::~RawSubscriber() { ::close(socket_); }

void RawSubscriber::send(std::string_view bytes) { EXPECT_EQ(::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size())); }

void RawSubscriber::send_frame(char what, std::string_view prefix) {
    std::string frame{'\0', static_cast<char>(prefix.size() + 1), what};
    send(frame.append(prefix));
}

}  // namespace junctor::zeromq
