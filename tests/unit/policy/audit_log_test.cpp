#include "policy/audit_log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/base/setup_error.hpp"
#include "core/observe/log.hpp"
#include "policy/authentication_chain.hpp"
#include "tests/unit/policy/sleeper.hpp"

namespace junctor {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class AuditLogTest : public testing::Test {
protected:
    AuditLogTest() : path_(std::filesystem::path(testing::TempDir()) / ("audit" + std::to_string(getpid()) + ".log")) { std::filesystem::remove(path_); }
    ~AuditLogTest() override { std::filesystem::remove(path_); }

    void begin() {
        log_ = std::make_shared<AuditLog>(path_, clock_);
        log_->start();
    }
    /// Everything written, once the log has ended.
    std::string text() {
        log_.reset();
        std::ostringstream all;
        all << std::ifstream(path_).rdbuf();
        return all.str();
    }
    std::vector<nlohmann::json> lines() {
        std::istringstream in(text());
        std::vector<nlohmann::json> read;
        for (std::string line; std::getline(in, line);) read.push_back(nlohmann::json::parse(line));
        return read;
    }
    static std::vector<std::string> events(const std::vector<nlohmann::json>& lines) {
        std::vector<std::string> names;
        for (const auto& each : lines) names.push_back(each.at("message"));
        return names;
    }

    const std::filesystem::path path_;
    test::FakeClock clock_;
    std::shared_ptr<AuditLog> log_;
};

TEST_F(AuditLogTest, AppendsOneObjectALineThatOnlyItsOwnerReads) {
    begin();
    log_->write("connected", {{"principal", "a\nb\"\x1b"}, {"tenant", ""}});
    EXPECT_THAT(events(lines()), ElementsAre("connected"));
    begin();
    log_->write("denied", {{"verb", "publish"}});
    const auto all = lines();
    EXPECT_THAT(events(all), ElementsAre("connected", "denied")) << "a later start appends";
    EXPECT_FALSE(all[0].contains("tenant"));
    struct stat found {};
    ASSERT_EQ(stat(path_.c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0777, 0600U);
}

TEST_F(AuditLogTest, AFileThatWasMovedAwayIsMadeAnewByTheNextLog) {
    begin();
    log_->write("connected", {});
    const auto old = std::exchange(log_, nullptr);
    const std::string moved = path_.string() + ".1";
    std::filesystem::rename(path_, moved);
    begin();
    log_->write("denied", {});
    old->write("disconnected", {});
    EXPECT_THAT(events(lines()), ElementsAre("denied"));
    std::filesystem::remove(moved);
}

TEST_F(AuditLogTest, SaysWhereItCannotBeWritten) {
    EXPECT_THROW(AuditLog("/not/there/audit.log", clock_), SetupError);
    EXPECT_THROW(AuditLog(testing::TempDir(), clock_), SetupError) << "a directory";
    AuditLog unopened(path_, clock_);
    EXPECT_FALSE(std::filesystem::exists(path_)) << "only a start makes it: 'junctor check' leaves nothing behind";
}

TEST_F(AuditLogTest, AFloodIsCountedInsteadOfKept) {
    log_ = std::make_shared<AuditLog>(path_, clock_);  // not started: nothing leaves
    for (std::size_t i = 0; i < AuditLog::most_waiting + 5; ++i) log_->write("denied", {});
    EXPECT_EQ(log_->lost(), 5U);
    log_->start();
    const auto all = lines();
    ASSERT_EQ(all.size(), AuditLog::most_waiting + 1);
    EXPECT_EQ(all.back().at("message"), "lines lost");
    EXPECT_EQ(all.back().at("count"), "5");
}

TEST_F(AuditLogTest, TellsWhoCameWhatWasDeniedAndWhoAdministered) {
    begin();
    auto policy = ruled([](const Principal&, Verb verb, std::string_view object) {
        return (verb == Verb::publish && object == "secret") || verb == Verb::receive ? Outcome::deny : Outcome::allow;
    });
    policy->audit = std::exchange(log_, nullptr);
    {
        TestCluster cluster(1, 1, policy);
        FakeClient client(cluster, "pump", SessionTerms{}, "alice");
        client.subscribe("#");
        client.publish("a", "a payload");
        client.publish("secret", "a payload");
        client.publish("$SYS/x", "a payload");
        cluster.gate().ask((*client).principal(), Verb::admin, "/v1/sessions", [](const Verdict&) {});
    }
    policy->audit.swap(log_);
    const auto all = lines();
    EXPECT_THAT(events(all), ElementsAre("connected", "denied", "denied", "administered", "disconnected"));
    EXPECT_EQ(all[1].at("principal"), "alice");
    EXPECT_EQ(all[1].at("session"), "pump");
    EXPECT_EQ(all[1].at("object"), "secret");
    EXPECT_EQ(all[1].at("rule"), "rule 1");
    EXPECT_EQ(all[2].at("rule"), "standing");
    EXPECT_EQ(all[3].at("object"), "/v1/sessions");
    EXPECT_EQ(all[4].at("reason"), "normal");
}

// An operator who keeps no audit log sees who was turned away, too.
TEST(AuditTrail, TheLogTellsOfCredentialsThatWereRefusedAndNoSecret) {
    std::vector<std::string> told;
    redirect_log([&told](std::string_view line) { told.emplace_back(line); });
    Credentials credentials;
    credentials.connector = "mqtt";
    credentials.peer = "192.0.2.7:4242";
    credentials.client_id = "phone";
    AuthenticationChain::start(std::make_shared<Policy>(), Credentials(credentials), [](AuthenticationStep) {});
    credentials.user = "canary-user";
    credentials.password = "canary-password";
    AuthenticationChain::start(std::make_shared<Policy>(), std::move(credentials), [](AuthenticationStep) {});
    flush_log();
    redirect_log({});
    ASSERT_THAT(told, ElementsAre(HasSubstr("info    login: not authenticated connector=mqtt peer=192.0.2.7:4242 session=phone")));
    EXPECT_THAT(told.front(), Not(HasSubstr("canary")));
}

// Threat class 27: whoever reads the log learns no secret from it.
TEST_F(AuditLogTest, Threat27NoSecretIsWritten) {
    begin();
    auto policy = std::make_shared<Policy>();
    policy->audit = std::exchange(log_, nullptr);
    Credentials credentials;
    credentials.connector = "mqtt";
    credentials.user = "alice";
    credentials.password = "canary-password";
    credentials.bearer = "canary-token";
    append(credentials.data, "canary-data");
    AuthenticationChain::start(policy, std::move(credentials), [](AuthenticationStep) {});
    policy->audit.swap(log_);
    const std::string all = text();
    EXPECT_THAT(all, HasSubstr("not authenticated"));
    EXPECT_THAT(all, HasSubstr("alice"));
    EXPECT_THAT(all, Not(HasSubstr("canary")));
}

}  // namespace
}  // namespace junctor
