#include "gateway/application.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "core/base/setup_error.hpp"
#include "core/config/problems.hpp"
#include "tests/unit/core/runtime/test_certificates.hpp"
#include "tests/unit/gateway/application_fixture.hpp"

namespace junctor {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;
using test::BlockingSocket;
using test::configuration;
using test::problems_of;

class ApplicationTest : public test::ApplicationFixture {
protected:
    nlohmann::json json(const std::string& path) {
        const std::string answer = get(admin, path);
        EXPECT_THAT(answer, StartsWith("HTTP/1.1 200"));
        return nlohmann::json::parse(answer.substr(answer.find("\r\n\r\n") + 4));
    }
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

// What an operator is told is a client's name, not an id.
TEST_F(ApplicationTest, SessionsAreFoundByTheirNameAndShowWhatWaitsForThem) {
    run(two_cores);
    ASSERT_EQ(mqtt_connect(), 0);
    BlockingSocket phone(application_->bound(door));
    phone.send(std::string("\x10\x11\x00\x04MQTT\x04\x00\x00\x3c\x00\x05phone\x82\x06\x00\x01\x00\x01" "a\x01", 27));
    EXPECT_EQ(phone.read(4).size() + phone.read(5).size(), 9U);
    const auto row = [this] { return json("/v1/sessions?name=phone&principal=anonymous")["sessions"].at(0); };
    EXPECT_EQ(row()["connected"], true);
    phone.send(std::string("\xe0\x00", 2));
    EXPECT_EQ(phone.read_all(), "");
    BlockingSocket& other = clients_.front();
    other.send(std::string("\x32\x06\x00\x01" "a\x00\x01x", 8));
    EXPECT_EQ(other.read(4).size(), 4U);
    EXPECT_EQ(row()["connected"], false);
    EXPECT_EQ(row()["queued"]["messages"], 1);
    EXPECT_GT(row()["queued"]["bytes"], 0);
    for (const char* query : {"name=phon", "name=phone&principal=somebody", "name=%2A", "principal=phone"})
        EXPECT_TRUE(json(std::string("/v1/sessions?") + query)["sessions"].empty()) << query;
}

TEST_F(ApplicationTest, PagesOfAPrincipalLeadToItsOtherPages) {
    run(two_cores);
    for (int i = 0; i < 3; ++i) ASSERT_EQ(mqtt_connect(), 0);
    const std::string next = json("/v1/sessions?limit=1&principal=anonymous")["next"];
    EXPECT_THAT(next, HasSubstr("&principal=anonymous"));
    EXPECT_EQ(json(next)["sessions"].size(), 1U);
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

struct StoringApplicationTest : ApplicationTest {
    StoringApplicationTest() : dir_(std::filesystem::path(testing::TempDir()) / ("application_store" + std::to_string(getpid()))) {}
    ~StoringApplicationTest() override {
        application_.reset();
        std::filesystem::remove_all(dir_);
    }
    std::string with_store() const { return std::string(two_cores) + "store: {dir: \"" + dir_.string() + "\"}\n"; }

    std::filesystem::path dir_;
};

TEST_F(StoringApplicationTest, ShowsItsStoreAndItsNumbers) {
    run(with_store());
    EXPECT_EQ(json("/")["store"]["dir"], dir_.string());
    EXPECT_EQ(json("/")["store"]["state"], "ok");
    EXPECT_FALSE(json("/")["store"].contains("damage"));
    EXPECT_THAT(get(admin, "/metrics"), HasSubstr("junctor_store_failing 0\n"));
    application_->stop();
    run(two_cores);
    EXPECT_EQ(json("/")["store"], "memory");
}

TEST_F(StoringApplicationTest, CheckingAConfigurationTouchesNoStore) {
    const Application checked(configuration(with_store()), descriptors_, clock_);
    EXPECT_FALSE(std::filesystem::exists(dir_));
}

TEST_F(StoringApplicationTest, ASecondGatewayOnTheSameStoreIsRefused) {
    run(with_store());
    Application second(configuration(with_store()), descriptors_, clock_);
    try {
        second.start();
        FAIL();
    } catch (const SetupError& refused) {
        EXPECT_THAT(refused.what(), HasSubstr("is in use by this process"));
    }
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

// A checked configuration may be that of a gateway that runs, also where a connector has sockets of its own.
TEST_F(ApplicationTest, CheckingAConfigurationTakesNoAddress) {
    run(two_cores);
    const std::string taken = application_->bound(door).text();
    Application second(configuration("admin: {address: \"127.0.0.1:0\"}\nconnectors: [{type: zeromq, publish: \"" + taken + "\"}]\n"),
                       descriptors_, clock_);
    try {
        second.start();
        FAIL();
    } catch (const config::ConfigError& refused) {
        EXPECT_THAT(refused.what(), HasSubstr(":2:14: cannot listen on " + taken));
    }
}

TEST_F(ApplicationTest, Threat11NothingListensForOthersWithoutAPolicy) {
    EXPECT_THAT(problems_of("connectors: [{type: mqtt, address: \"0.0.0.0:0\"}]"),
                ElementsAre(HasSubstr(":1:14: connector 'mqtt' would listen on 0.0.0.0:0")));
    EXPECT_THAT(problems_of("connectors: []\nadmin: {address: \"0.0.0.0:0\"}"),
                ElementsAre(HasSubstr(":2:18: the admin API would listen on 0.0.0.0:0")));
}

TEST_F(ApplicationTest, TellsEverythingThatOnlyShowsTogetherAtOnce) {
    EXPECT_THAT(problems_of("connectors:\n"
                         "  - {type: websocket, address: \"127.0.0.1:0\", path: /ws}\n"
                         "  - {type: websocket, address: \"127.0.0.1:0\", path: /ws}\n"
                         "  - {type: mqtt, address: \"127.0.0.1:0\"}\n"
                         "  - {type: mqtt, address: \"127.0.0.2:0\", tls: {cert: /etc/hostname, key: /etc/hostname}}\n"),
                ElementsAre(HasSubstr(":3:5: connector 'websocket-2' wants"), HasSubstr(":4:5: connector 'mqtt' wants"),
                            HasSubstr(":5:5: cannot use the certificate")));
    EXPECT_THAT(problems_of("connectors:\n"
                         "  - {type: zeromq, publish: \"0.0.0.0:0\"}\n"
                         "  - {type: mqtt, address: \"0.0.0.0:0\"}\n"
                         "name: a/b\n"
                         "backend: {type: mqtt, url: \"http://broker\"}\n"
                         "bridges: [{name: cloud, type: mqtt, url: \"mqtt://broker\"}]\n"),
                ElementsAre(HasSubstr(":2:29: 0.0.0.0:0 can be reached"), HasSubstr(":3:5: connector 'mqtt' would listen on 0.0.0.0:0"),
                            HasSubstr(":4:7: a gateway's name"), HasSubstr(":5:28: 'http://broker'"), HasSubstr(":6:11: the bridge 'cloud' carries nothing")));
}

TEST_F(ApplicationTest, ANewPolicyHoldsForThoseWhoComeAndThoseWhoAreHere) {
    run(two_cores);
    ASSERT_EQ(mqtt_connect(), 0);
    application_->reload(configuration(std::string(two_cores) + "policy: {authenticators: [], authorizers: []}\n"));
    EXPECT_EQ(mqtt_connect(), 5);
    EXPECT_EQ(clients_.front().read_all(), "") << "sent away, without a word in MQTT 3.1.1";
    EXPECT_FALSE(clients_.front().try_send(std::string("\xc0\x00", 2)) && clients_.front().read(2) == std::string("\xd0\x00", 2));
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
    EXPECT_THROW(application_->reload(configuration(with_tls(good.cert(), good.cert(), closed))), config::ConfigError);
    EXPECT_EQ(mqtt_connect(), 0);
    application_->reload(configuration(with_tls(good.cert(), good.key(), closed)));
    EXPECT_EQ(mqtt_connect(), 5);
}

/// A backend and a bridge that their servers call; nobody is there to be joined.
TEST_F(ApplicationTest, WhereServersCallStandsInTheTableAndSpeaksTlsWhereItIsToldTo) {
    const TestCertificate good("gateway", "DNS:localhost");
    const auto remote = [](const std::string& address, const std::string& more) {
        return R"(type: matrix, url: "http://127.0.0.1:1", token: as, room: "#a:hs", listen: {address: ")" + address + R"(", hs_token: hs, user: gw)" + more + '}';
    };
    const std::string text = "cores: 1\nadmin: {address: \"127.0.0.1:0\"}\nconnectors: []\nlimits: {packet: 40KiB}\nbackend: {" + remote("127.0.0.3:0", "") +
                             "}\nbridges: [{name: plant, out: [{filter: a}], " + remote("127.0.0.4:0", ", tls: {cert: " + good.cert() + ", key: " + good.key() + "}") + "}]\n";
    run(text);
    const Address plain{"127.0.0.3", 0}, secured{"127.0.0.4", 0};
    const auto expect = [&] {
        const std::vector<StartRow> rows = application_->table();
        ASSERT_EQ(rows.size(), 3U);
        EXPECT_EQ(rows[0].connector, "backend");
        EXPECT_EQ(rows[0].address, "http://" + application_->bound(plain).text());
        EXPECT_EQ(rows[0].who, "the homeserver, by its hs_token");
        EXPECT_THAT(rows[0].proof, HasSubstr(rows[0].address + "/_matrix/app/v1/ping"));
        EXPECT_EQ(rows[1].connector, "bridge plant");
        EXPECT_EQ(rows[1].address, "https://" + application_->bound(secured).text());
        EXPECT_THAT(get(plain, "/_matrix/app/v1/users/x"), StartsWith("HTTP/1.1 401"));
        EXPECT_THAT(get(secured, "/_matrix/app/v1/users/x"), Not(HasSubstr("HTTP/1.1 401"))) << "no word without TLS";
    };
    expect();
    application_->reload(configuration(text));
    expect();
}

TEST_F(ApplicationTest, DrainSaysGoodbyeAndEnds) {
    run(two_cores);
    ASSERT_EQ(mqtt_connect(), 0);
    const Address address = application_->bound(door);
    EXPECT_EQ(application_->drain(), 0U);
    EXPECT_EQ(clients_.front().read(100), "");
    EXPECT_FALSE(BlockingSocket(address).connected());
    application_->stop();
    EXPECT_EQ(application_->state(), GatewayState::draining);
}

TEST_F(ApplicationTest, WhileItDrainsItIsAliveAndNotReady) {
    run(two_cores);
    ASSERT_EQ(mqtt_connect(), 0);
    std::thread draining([&] { EXPECT_EQ(application_->drain(), 0U); });
    EXPECT_EQ(clients_.front().read(100), "");  // its goodbye: from here on the drain waits for it to close
    EXPECT_THAT(get(admin, "/readyz"), testing::AllOf(StartsWith("HTTP/1.1 503"), HasSubstr("draining")));
    EXPECT_THAT(get(admin, "/healthz"), StartsWith("HTTP/1.1 200"));
    EXPECT_THAT(get(admin, "/metrics"), StartsWith("HTTP/1.1 200"));
    clients_.clear();
    draining.join();
}

}  // namespace
}  // namespace junctor
