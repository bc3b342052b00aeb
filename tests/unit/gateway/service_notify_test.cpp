#include "gateway/service_notify.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <string>

namespace junctor {
namespace {

// A socket in the abstract namespace whose name the kernel chooses.
class ServiceManager {
public:
    ServiceManager() : descriptor_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        auto* generic = reinterpret_cast<sockaddr*>(&address);
        EXPECT_EQ(::bind(descriptor_, generic, sizeof(sa_family_t)), 0);
        socklen_t length = sizeof(address);
        EXPECT_EQ(::getsockname(descriptor_, generic, &length), 0);
        const std::string name(address.sun_path + 1, length - sizeof(sa_family_t) - 1);
        ::setenv("NOTIFY_SOCKET", ("@" + name).c_str(), 1);
    }
    ~ServiceManager() {
        ::unsetenv("NOTIFY_SOCKET");
        ::close(descriptor_);
    }

    std::string received() const {
        std::array<char, 256> buffer;
        const ssize_t size = ::recv(descriptor_, buffer.data(), buffer.size(), 0);
        return size < 0 ? "" : std::string(buffer.data(), static_cast<std::size_t>(size));
    }

private:
    int descriptor_;
};

TEST(ServiceNotify, SendsTheStateToTheSocketThatTheEnvironmentNames) {
    const ServiceManager manager;
    notify_service_manager("READY=1");
    EXPECT_EQ(manager.received(), "READY=1");
}

TEST(ServiceNotify, DoesNothingWithoutAServiceManager) {
    const ServiceManager manager;
    ::unsetenv("NOTIFY_SOCKET");
    notify_service_manager("READY=1");
    EXPECT_EQ(manager.received(), "");
}

TEST(ServiceNotify, IgnoresANameThatDoesNotFitASocketAddress) {
    const ServiceManager manager;
    ::setenv("NOTIFY_SOCKET", std::string(300, 'x').c_str(), 1);
    notify_service_manager("READY=1");
    EXPECT_EQ(manager.received(), "");
}

}  // namespace
}  // namespace junctor
