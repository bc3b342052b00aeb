#include "gateway/explain_command.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "core/base/setup_error.hpp"
#include "gateway/registry.hpp"
#include "tests/unit/core/web/loopback_server.hpp"

namespace junctor {
namespace {

using testing::HasSubstr;

class ExplainCommandTest : public testing::Test {
protected:
    ExplainCommandTest() : path_(std::filesystem::path(testing::TempDir()) / ("explain" + std::to_string(getpid()) + ".yaml")) {
        std::ofstream(path_) << "policy:\n"
                                "  authenticators: [{type: anonymous}]\n"
                                "  tenants: [{name: acme}]\n"
                                "  authorizers:\n"
                                "    - type: acl\n"
                                "      rules:\n"
                                "        - {name: secret, deny: [publish, subscribe], topics: [plant/secret/#]}\n"
                                "        - {allow: [publish], topics: [\"plant/${user}\", \"t/${tenant}/${claim.room}/${client_id}\"], groups: [staff]}\n";
        command.config = path_.string();
        command.user = "alice";
        command.verb = "publish";
        command.topic = "plant/alice";
    }
    ~ExplainCommandTest() override { std::filesystem::remove(path_); }

    std::string run() {
        std::ostringstream out;
        explain(command, connector_descriptors(), out);
        return out.str();
    }
    std::string refusal() {
        try {
            return run();
        } catch (const SetupError& error) {
            return error.what();
        }
    }

    const std::filesystem::path path_;
    ExplainCommand command;
};

TEST_F(ExplainCommandTest, SaysWhatWasTriedAndWhy) {
    EXPECT_THAT(run(), HasSubstr("not in its groups"));
    EXPECT_THAT(run(), HasSubstr("verdict: deny: no rule allows this (default)\n"));
    command.groups = {"staff"};
    EXPECT_THAT(run(), HasSubstr("verdict: allow: a rule allows this (" + path_.string() + ":8)\n"));
    EXPECT_THAT(run(), HasSubstr("its topics do not cover it"));
    command.topic = "plant/secret/x";
    EXPECT_THAT(run(), HasSubstr("  * deny   secret"));
    EXPECT_THAT(run(), HasSubstr("verdict: deny: a rule denies this (secret)\n"));
    command.topic = "$SYS/x";
    EXPECT_EQ(run(), "verdict: deny: first levels with $ are the gateway's own (standing)\n");
}

TEST_F(ExplainCommandTest, TakesAllThatRulesLookAt) {
    command.groups = {"staff"};
    command.tenant = "acme";
    command.claims = {"room=7"};
    command.client_id = "c1";
    command.topic = "t/acme/7/c1";
    EXPECT_THAT(run(), HasSubstr("verdict: allow"));
    command.claims = {"room=8"};
    EXPECT_THAT(run(), HasSubstr("verdict: deny"));
}

TEST_F(ExplainCommandTest, NamesTheQuotasInForce) {
    EXPECT_THAT(run(), testing::Not(HasSubstr("quota:")));
    std::ofstream(path_, std::ios::app) << "  limits: {principal: {connections: 3}, connection: {messages_per_second: 50}}\n";
    EXPECT_THAT(run(), HasSubstr("quota: messages_per_second 50 for each connection\nquota: connections 3 for each principal\n"));
}

TEST_F(ExplainCommandTest, AsksPolicyServices) {
    std::string asked;
    std::optional<web::LoopbackServer> service(std::in_place, [&](const std::string& request) -> web::LoopbackServer::Answer {
        asked = request;
        const std::string body = R"({"result":{"allow":false,"reason":"not on Sundays"}})";
        return {"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body};
    });
    std::ofstream(path_, std::ios::app) << "    - {type: opa, name: sundays, url: \"" << service->url("") << "\", path: junctor/decision, timeout: 20s}\n";
    command.groups = {"staff"};
    command.protocol = "mqtt";
    EXPECT_THAT(run(), HasSubstr("sundays: deny: not on Sundays (sundays)\nverdict: deny: not on Sundays (sundays)\n"));
    EXPECT_THAT(asked, HasSubstr(R"("object":"plant/alice")"));
    EXPECT_THAT(asked, HasSubstr(R"("protocol":"mqtt")"));
    service.reset();
    EXPECT_THAT(run(), HasSubstr("verdict: deny: the policy service does not answer (sundays: no answer, unreachable)\n"));
}

TEST_F(ExplainCommandTest, WaitsForNoServiceLongerThanItsEntrySays) {
    const web::LoopbackServer hanging([](const std::string&) -> web::LoopbackServer::Answer { return {.bytes = {}, .closes = false, .hangs = true}; });
    std::ofstream(path_, std::ios::app) << "    - {type: http, name: slow, url: \"" << hanging.url() << "\", timeout: 50ms, on_failure: abstain}\n";
    command.groups = {"staff"};
    EXPECT_THAT(run(), HasSubstr("slow: abstain: the policy service does not answer (slow: no answer, timed_out)\nverdict: allow"));
}

TEST_F(ExplainCommandTest, SaysWhatItDoesNotUnderstand) {
    command.verb = "pubish";
    EXPECT_THAT(refusal(), HasSubstr("did you mean 'publish'?"));
    command.verb = "publish";
    command.topic = "a/#";
    EXPECT_THAT(refusal(), HasSubstr("no topic name"));
    command.verb = "connect";
    EXPECT_THAT(refusal(), HasSubstr("about no topic"));
    command.topic = {};
    command.tenant = "acm";
    EXPECT_THAT(refusal(), HasSubstr("the tenant 'acm' does not stand under 'tenants:'"));
    command.tenant = {};
    command.claims = {"room"};
    EXPECT_THAT(refusal(), HasSubstr("NAME=VALUE"));
}

}  // namespace
}  // namespace junctor
