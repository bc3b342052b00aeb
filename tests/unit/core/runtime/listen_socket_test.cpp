#include "core/runtime/listen_socket.hpp"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/setup_error.hpp"
#include "core/runtime/port_holder.hpp"

namespace junctor {
namespace {

std::string refusal(const Address& address) {
    try {
        ListenSocket::claim(address);
    } catch (const SetupError& error) {
        return error.what();
    }
    return {};
}

TEST(ListenSocket, SeveralListenOnOneClaimedAddress) {
    const Address address = ListenSocket::claim({"127.0.0.1", 0});
    EXPECT_NE(address.port, 0);
    const ListenSocket first = ListenSocket::open(address);
    const ListenSocket second = ListenSocket::open(address);
    EXPECT_NE(first.descriptor(), second.descriptor());
}

TEST(ListenSocket, AHeldAddressCannotBeClaimedAlsoThroughAWildcard) {
    const ListenSocket holder = ListenSocket::open(ListenSocket::claim({"127.0.0.1", 0}));
    sockaddr_in bound{};
    socklen_t size = sizeof bound;
    getsockname(holder.descriptor(), reinterpret_cast<sockaddr*>(&bound), &size);
    const std::uint16_t port = ntohs(bound.sin_port);
    const std::string us = "(process " + std::to_string(getpid()) + ")";
    EXPECT_NE(refusal({"127.0.0.1", port}).find(us), std::string::npos);
    EXPECT_NE(refusal({"0.0.0.0", port}).find(us), std::string::npos);
    EXPECT_NE(port_holder({"127.0.0.1", port}).find(us), std::string::npos);
}

TEST(ListenSocket, AnAddressOfAnotherMachineIsRefusedInWords) {
    EXPECT_EQ(refusal({"192.0.2.1", 0}), "cannot listen on 192.0.2.1:0: this machine has no such address");
    EXPECT_EQ(refusal({"not-an-address", 1}), "'not-an-address' is not a numeric address");
}

TEST(ListenSocket, WhatConnectionsInheritIsSet) {
    const ListenSocket socket = ListenSocket::open(ListenSocket::claim({"127.0.0.1", 0}));
    for (const auto& [level, option] : {std::pair<int, int>{IPPROTO_TCP, TCP_NODELAY}, std::pair<int, int>{SOL_SOCKET, SO_KEEPALIVE}}) {
        int value = 0;
        socklen_t size = sizeof value;
        getsockopt(socket.descriptor(), level, option, &value, &size);
        EXPECT_EQ(value, 1);
    }
}

}  // namespace
}  // namespace junctor
