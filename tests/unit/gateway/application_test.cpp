#include "gateway/application.hpp"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "core/base/setup_error.hpp"
#include "core/config/problems.hpp"
#include "core/runtime/system_clock.hpp"
#include "gateway/registry.hpp"
#include "tests/unit/core/runtime/test_certificates.hpp"

namespace junctor {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

const Address admin{"127.0.0.1", 0};
const Address door{"127.0.0.2", 0};

constexpr const char* two_cores =
    "cores: 2\n"
    "admin: {address: \"127.0.0.1:0\"}\n"
    "connectors:\n"
    "  - {type: mqtt, address: \"127.0.0.2:0\"}\n";

Configuration configuration(const std::string& text) {
    static int number = 0;
    const auto path =
        std::filesystem::path(testing::TempDir()) / ("application" + std::to_string(getpid()) + "-" + std::to_string(++number));
    std::ofstream(path) << text;
    Configuration loaded = load_configuration(path.string(), connector_descriptors());
    std::filesystem::remove(path);
    return loaded;
}

/// A blocking TCP client of a test; every wait ends after five seconds.
class Socket {
public:
    explicit Socket(const Address& to) : descriptor_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        const timeval patience{5, 0};
        setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(to.port);
        inet_pton(AF_INET, to.host.c_str(), &address.sin_addr);
        connected_ = connect(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    }
    Socket(Socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)), connected_(other.connected_) {}
    ~Socket() { close(descriptor_); }

    bool connected() const { return connected_; }
    void send(std::string_view bytes) {
        ASSERT_EQ(::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
    }
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

private:
    int descriptor_;
    bool connected_ = false;
};

class ApplicationTest : public testing::Test {
protected:
    void run(const std::string& text) {
        application_ = std::make_unique<Application>(configuration(text), descriptors_, clock_);
        application_->start();
    }

    std::string get(const Address& address, const std::string& path, const std::string& host = "127.0.0.1") {
        Socket client(application_->bound(address));
        client.send("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
        return client.read_all();
    }

    nlohmann::json json(const std::string& path) {
        const std::string answer = get(admin, path);
        EXPECT_THAT(answer, StartsWith("HTTP/1.1 200"));
        return nlohmann::json::parse(answer.substr(answer.find("\r\n\r\n") + 4));
    }

    /// The code of the CONNACK that a clean MQTT 3.1.1 client gets; the connection stays open in `clients_`.
    int mqtt_connect() {
        Socket& client = clients_.emplace_back(application_->bound(door));
        client.send(std::string("\x10\x0c\x00\x04MQTT\x04\x02\x00\x3c\x00\x00", 14));
        const std::string answer = client.read(4);
        return answer.size() == 4 ? answer[3] : -1;
    }

    SystemClock clock_;
    const std::vector<Descriptor> descriptors_ = connector_descriptors();
    std::unique_ptr<Application> application_;
    std::vector<Socket> clients_;
};

TEST_F(ApplicationTest, ShowsWhatItIsAndWhetherItIsReady) {
    run(two_cores);
    EXPECT_EQ(json("/")["state"], "running");
    EXPECT_EQ(json("/v1/connectors")["connectors"][0]["type"], "mqtt");
    EXPECT_THAT(get(admin, "/healthz"), HasSubstr("\r\n\r\nok\n"));
    EXPECT_THAT(get(admin, "/readyz"), HasSubstr("\r\n\r\nrunning\n"));
    EXPECT_THAT(get(admin, "/metrics"), HasSubstr("process_resident_memory_bytes "));
    EXPECT_THAT(get(admin, "/nothing/here"), StartsWith("HTTP/1.1 404"));
}

TEST_F(ApplicationTest, TheTableNamesAddressesAsBound) {
    run(two_cores);
    const std::vector<StartRow> rows = application_->table();
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_THAT(rows[0].address, HasSubstr(application_->bound(door).text()));
    EXPECT_EQ(rows[0].who, "this machine");
    EXPECT_EQ(rows[1].connector, "admin");
}

// Threat class 28: paging that cannot be made to cost more than a page, and no way in for pages of a browser.
TEST_F(ApplicationTest, Threat28SessionsArePagedOverAllCores) {
    run(two_cores);
    for (int i = 0; i < 7; ++i) ASSERT_EQ(mqtt_connect(), 0);
    std::set<std::string> ids;
    std::size_t pages = 0;
    for (std::string path = "/v1/sessions?limit=2"; !path.empty(); ++pages) {
        const nlohmann::json page = json(path);
        EXPECT_LE(page["sessions"].size(), 2U);
        for (const auto& session : page["sessions"]) EXPECT_TRUE(ids.insert(session["id"]).second);
        path = page.value("next", "");
    }
    EXPECT_EQ(ids.size(), 7U);
    EXPECT_LE(pages, 5U);
}

TEST_F(ApplicationTest, Threat28StrangePagesAreRefusedOrEmpty) {
    run(two_cores);
    for (const char* query :
         {"limit=0", "limit=1001", "limit=-1", "limit=x", "limit=99999999999999999999", "after=zz", "after=-1", "after=fffffffffffffffff"})
        EXPECT_THAT(get(admin, std::string("/v1/sessions?") + query), StartsWith("HTTP/1.1 400")) << query;
    for (const char* query : {"after=ffffffffffffffff", "after=00ffffffffffffff", "after=7f00000000000001"})
        EXPECT_TRUE(json(std::string("/v1/sessions?") + query)["sessions"].empty()) << query;
}

TEST_F(ApplicationTest, Threat28OtherHostNamesAreRefused) {
    run(two_cores);
    for (const char* path : {"/", "/metrics", "/healthz", "/v1/sessions"})
        EXPECT_THAT(get(admin, path, "evil.example"), StartsWith("HTTP/1.1 421")) << path;
}

TEST_F(ApplicationTest, Threat28OnlyWhomThePolicyLetsInSeesMoreThanHealth) {
    run(std::string(two_cores) + "policy: {authenticators: [], authorizers: []}\n");
    for (const char* path : {"/", "/metrics", "/v1/connectors", "/v1/sessions"})
        EXPECT_THAT(get(admin, path), StartsWith("HTTP/1.1 401")) << path;
    EXPECT_THAT(get(admin, "/healthz"), StartsWith("HTTP/1.1 200"));
}

// Threat class 32: what is not configured does not exist.
TEST_F(ApplicationTest, Threat32ARouteOfADisabledConnectorIsNotFound) {
    run("admin: {address: \"127.0.0.1:0\"}\nconnectors: [{type: rest, address: \"127.0.0.2:0\"}]\n");
    EXPECT_THAT(get(door, "/ws"), StartsWith("HTTP/1.1 404"));
    EXPECT_THAT(get(door, "/mqtt"), StartsWith("HTTP/1.1 404"));
    EXPECT_THAT(get(door, "/metrics"), StartsWith("HTTP/1.1 404"));
    EXPECT_THAT(get(door, "/v1/topics/a"), HasSubstr("HTTP/1.1 404"));
    EXPECT_THAT(get(admin, "/healthz"), StartsWith("HTTP/1.1 200"));
}

TEST_F(ApplicationTest, AnAddressInUseIsAnErrorThatNamesIt) {
    run(two_cores);
    const std::string taken = application_->bound(door).text();
    Application second(configuration("admin: {address: \"127.0.0.1:0\"}\nconnectors: [{type: mqtt, address: \"" + taken + "\"}]\n"),
                       descriptors_, clock_);
    try {
        second.start();
        FAIL();
    } catch (const SetupError& refused) {
        EXPECT_THAT(refused.what(), HasSubstr(taken));
    }
}

std::vector<std::string> problems(const std::string& text) {
    SystemClock clock;
    try {
        const Application application(configuration(text), connector_descriptors(), clock);
        return {};
    } catch (const config::ConfigError& refused) {
        return refused.lines();
    }
}

TEST_F(ApplicationTest, Threat11NothingListensForOthersWithoutAPolicy) {
    EXPECT_THAT(problems("connectors: [{type: mqtt, address: \"0.0.0.0:0\"}]"),
                ElementsAre(HasSubstr(":1:14: connector 'mqtt' would listen on 0.0.0.0:0")));
    EXPECT_THAT(problems("connectors: []\nadmin: {address: \"0.0.0.0:0\"}"),
                ElementsAre(HasSubstr(":2:18: the admin API would listen on 0.0.0.0:0")));
}

TEST_F(ApplicationTest, TellsEverythingThatOnlyShowsTogetherAtOnce) {
    EXPECT_THAT(problems("connectors:\n"
                         "  - {type: websocket, address: \"127.0.0.1:0\", path: /ws}\n"
                         "  - {type: websocket, address: \"127.0.0.1:0\", path: /ws}\n"
                         "  - {type: mqtt, address: \"127.0.0.1:0\"}\n"
                         "  - {type: mqtt, address: \"127.0.0.2:0\", tls: {cert: /etc/hostname, key: /etc/hostname}}\n"),
                ElementsAre(HasSubstr(":3:5: connector 'websocket-2' wants"), HasSubstr(":4:5: connector 'mqtt' wants"),
                            HasSubstr(":5:5: cannot use the certificate")));
}

TEST_F(ApplicationTest, ANewPolicyHoldsFromTheNextConnection) {
    run(two_cores);
    ASSERT_EQ(mqtt_connect(), 0);
    application_->reload(configuration(std::string(two_cores) + "policy: {authenticators: [], authorizers: []}\n"));
    EXPECT_EQ(mqtt_connect(), 5);
}

TEST_F(ApplicationTest, AReloadThatCannotBeTakenLeavesEverythingAsItWas) {
    run(two_cores);
    EXPECT_THROW(
        application_->reload(configuration("cores: 1\nadmin: {address: \"127.0.0.1:0\"}\npolicy: {authenticators: [], authorizers: []}\n")),
        SetupError);
    EXPECT_EQ(mqtt_connect(), 0);
}

TEST_F(ApplicationTest, ACertificateThatIsNoGoodKeepsTheOldPolicyToo) {
    const TestCertificate good("gateway", "DNS:localhost");
    const auto with_tls = [](const std::string& cert, const std::string& key, const std::string& rest) {
        return "cores: 1\nadmin: {address: \"127.0.0.1:0\"}\nconnectors:\n  - {type: mqtt, address: \"127.0.0.2:0\"}\n"
               "  - {type: mqtt, address: \"127.0.0.3:0\", tls: {cert: " +
               cert + ", key: " + key + "}}\n" + rest;
    };
    const std::string closed = "policy: {authenticators: [], authorizers: []}\n";
    run(with_tls(good.cert(), good.key(), ""));
    EXPECT_THROW(application_->reload(configuration(with_tls(good.cert(), good.cert(), closed))), SetupError);
    EXPECT_EQ(mqtt_connect(), 0);
    application_->reload(configuration(with_tls(good.cert(), good.key(), closed)));
    EXPECT_EQ(mqtt_connect(), 5);
}

TEST_F(ApplicationTest, DrainSaysGoodbyeAndEnds) {
    run(two_cores);
    ASSERT_EQ(mqtt_connect(), 0);
    const Address address = application_->bound(door);
    EXPECT_EQ(application_->drain(), 0U);
    EXPECT_EQ(clients_.front().read(100), "");
    EXPECT_FALSE(Socket(address).connected());
    application_->stop();
    EXPECT_EQ(application_->state(), GatewayState::draining);
}

}  // namespace
}  // namespace junctor
