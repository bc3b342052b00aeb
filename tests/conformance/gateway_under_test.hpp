#pragma once

#include <memory>
#include <string>

#include "core/ports/client.hpp"
#include "core/runtime/system_clock.hpp"
#include "gateway/application.hpp"

namespace junctor::test {

/// A whole gateway in this process: all connectors on free ports of the loopback interface, as a user would configure them.
class GatewayUnderTest {
public:
    /// `limits`, `history`: in flow style, as they stand in the configuration.
    explicit GatewayUnderTest(unsigned cores, const std::string& limits = "{}", const std::string& history = "[]");
    ~GatewayUnderTest();

    /// `mqtt`, `ws`, `http`, `zmq`, `vertx`, what they are called encrypted, `mqtt+ws` or `mqtt+wss`: where clients of that scheme connect, and one that is connected.
    std::string url(const std::string& scheme) const;
    std::unique_ptr<Client> client(const std::string& scheme, Duration timeout = std::chrono::seconds(20)) const;
    /// The same with further options; the URL is filled in.
    std::unique_ptr<Client> client(const std::string& scheme, ClientOptions options) const;
    /// Host and port alone.
    std::string endpoint(const std::string& scheme) const;

    /// The sum of a metric's samples whose labels hold `label`, from the text that operators read.
    double metric(const std::string& name, const std::string& label = {}) const;

    Application& application() noexcept { return *application_; }

private:
    SystemClock clock_;
    std::unique_ptr<Application> application_;
};

/// One for all cases of a suite with so many cores, since starting one is the slowest part. It ends with the program's last case: what it
/// needs of OpenSSL and of the metrics does not outlive `main`.
GatewayUnderTest& shared_gateway(const std::string& suite, unsigned cores, const std::string& limits = "{}", const std::string& history = "[]");

}  // namespace junctor::test
