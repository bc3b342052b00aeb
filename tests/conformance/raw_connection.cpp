#include "tests/conformance/raw_connection.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

namespace junctor::test {

RawConnection::RawConnection(const std::string& endpoint, int receive_buffer) : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    if (receive_buffer > 0) ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    const timeval wait{std::chrono::duration_cast<std::chrono::seconds>(patience).count(), 0};
    ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    ::setsockopt(descriptor_, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    const std::size_t colon = endpoint.find(':');
    address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(endpoint.substr(colon + 1))));
    ::inet_pton(AF_INET, endpoint.substr(0, colon).c_str(), &address.sin_addr);
    EXPECT_EQ(::connect(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0) << endpoint;
}

RawConnection::~RawConnection() { ::close(descriptor_); }

bool RawConnection::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

/// A reset is an end as well.
bool RawConnection::receive_some(std::string& to) {
    char buffer[16'384];
    const ssize_t size = ::recv(descriptor_, buffer, sizeof buffer, 0);
    closed_ = size == 0 || (size < 0 && errno == ECONNRESET);
    if (size <= 0) return false;
    to.append(buffer, static_cast<std::size_t>(size));
    return true;
}

std::string RawConnection::receive_until_closed() {
    std::string all;
    while (receive_some(all)) {}
    return all;
}

std::string RawConnection::receive_until(std::string_view marker) {
    std::string all;
    while (all.find(marker) == std::string::npos && receive_some(all)) {}
    return all;
}

}  // namespace junctor::test
