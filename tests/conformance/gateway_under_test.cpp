#include "tests/conformance/gateway_under_test.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <map>
#include <sstream>

#include "gateway/registry.hpp"
#include "tests/conformance/raw_connection.hpp"
#include "tests/unit/core/runtime/test_certificates.hpp"

namespace junctor::test {
namespace {

/// A file that goes with its owner.
class TemporaryFile {
public:
    explicit TemporaryFile(const std::string& text) : path_(testing::TempDir() + "junctor_conformance_" + std::to_string(::getpid()) + ".yaml") {
        std::ofstream(path_) << text;
    }
    ~TemporaryFile() { std::remove(path_.c_str()); }
    const std::string& path() const noexcept { return path_; }

private:
    std::string path_;
};

/// Of the encrypted listeners; as long as the process lives.
const TestCertificate& certificate() {
    static const TestCertificate made("gateway", "IP:127.0.0.5,IP:127.0.0.6,IP:127.0.0.7");
    return made;
}

/// Port 0 of one host is one address, which plain TCP and HTTP cannot share, nor what is encrypted and what is not.
Configuration configuration(unsigned cores, const std::string& limits, const std::string& history) {
    const std::string tls = "tls: {cert: " + certificate().cert() + ", key: " + certificate().key() + "}}\n";
    const TemporaryFile file("cores: " + std::to_string(cores) + R"(
connectors:
  - {type: mqtt, address: "127.0.0.2:0"}
  - {type: websocket, address: "127.0.0.1:0"}
  - {type: rest, address: "127.0.0.1:0"}
  - {type: zeromq, publish: "127.0.0.1:0", subscribe: "127.0.0.1:0", request: "127.0.0.1:0"}
  - {type: vertx, address: "127.0.0.4:0"}
  - {type: mqtt, name: mqtt-ws, address: "127.0.0.1:0", path: /mqtt}
  - {type: mqtt, name: mqtts, address: "127.0.0.5:0", )" + tls + R"(
  - {type: websocket, name: wss, address: "127.0.0.6:0", )" + tls + R"(
  - {type: mqtt, name: mqtt-wss, address: "127.0.0.6:0", path: /mqtt, )" + tls + R"(
  - {type: rest, name: https, address: "127.0.0.6:0", )" + tls + R"(
  - {type: vertx, name: vertxs, address: "127.0.0.7:0", )" + tls + R"(
admin: {address: "127.0.0.3:0"}
log: {level: error}
limits: )" + limits + "\nhistory: " + history + "\n");
    return load_configuration(file.path(), connector_descriptors());
}

using SharedGateways = std::map<std::pair<std::string, unsigned>, std::unique_ptr<GatewayUnderTest>>;

SharedGateways& shared_gateways() {
    static SharedGateways running;
    return running;
}

class AfterTheLastCase final : public testing::Environment {
public:
    void TearDown() override { shared_gateways().clear(); }
};

[[maybe_unused]] testing::Environment* const after_the_last_case = testing::AddGlobalTestEnvironment(new AfterTheLastCase);

}  // namespace

GatewayUnderTest::GatewayUnderTest(unsigned cores, const std::string& limits, const std::string& history)
    : application_(std::make_unique<Application>(configuration(cores, limits, history), connector_descriptors(), clock_)) {
    application_->start();
}

GatewayUnderTest::~GatewayUnderTest() {
    if (application_->state() == GatewayState::running) application_->drain();
    application_->stop();
}

/// The first row of the start table whose address begins with the scheme; behind it may stand a remark.
std::string GatewayUnderTest::url(const std::string& scheme) const {
    for (const StartRow& row : application_->table())
        if (row.address.starts_with(scheme + "://")) return row.address.substr(0, row.address.find(' '));
    ADD_FAILURE() << "nothing listens for " << scheme;
    return {};
}

std::string GatewayUnderTest::endpoint(const std::string& scheme) const {
    const std::string text = url(scheme);
    const std::size_t host = text.find("://") + 3;
    return text.substr(host, text.find('/', host) - host);
}

std::unique_ptr<Client> GatewayUnderTest::client(const std::string& scheme, Duration timeout) const {
    ClientOptions options;
    options.timeout = timeout;
    return client(scheme, options);
}

std::unique_ptr<Client> GatewayUnderTest::client(const std::string& scheme, ClientOptions options) const {
    options.url = url(scheme);
    options.ca_file = certificate().cert();
    for (const Descriptor& descriptor : connector_descriptors())
        if (const auto found = descriptor.clients.find(scheme); found != descriptor.clients.end()) return found->second(options);
    throw ClientError("nothing speaks " + scheme);
}

double GatewayUnderTest::metric(const std::string& name, const std::string& label) const {
    const std::string admin = application_->table().back().address;
    RawConnection connection(admin.substr(admin.find("://") + 3));
    connection.send("GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    std::istringstream lines(connection.receive_until_closed());
    double sum = 0;
    for (std::string line; std::getline(lines, line);)
        if ((line.starts_with(name + "{") || line.starts_with(name + " ")) && line.find(label) != std::string::npos) sum += std::stod(line.substr(line.rfind(' ')));
    return sum;
}

GatewayUnderTest& shared_gateway(const std::string& suite, unsigned cores, const std::string& limits, const std::string& history) {
    std::unique_ptr<GatewayUnderTest>& found = shared_gateways()[{suite, cores}];
    if (!found) found = std::make_unique<GatewayUnderTest>(cores, limits, history);
    return *found;
}

}  // namespace junctor::test
