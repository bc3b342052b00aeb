#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>

namespace junctor::test {

/// A real mosquitto on a free port of loopback, in a folder of its own, ended with the object.
class BrokerProcess {
public:
    BrokerProcess();
    ~BrokerProcess();
    BrokerProcess(const BrokerProcess&) = delete;

    /// Is there one on this machine?
    static bool installed();
    std::uint16_t port() const noexcept { return port_; }

private:
    std::filesystem::path folder_;
    std::uint16_t port_ = 0;
    pid_t process_ = -1;
};

}  // namespace junctor::test
