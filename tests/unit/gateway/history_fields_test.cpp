#include "gateway/history_fields.hpp"

#include <gmock/gmock.h>

#include "core/config/problems.hpp"
#include "tests/unit/gateway/application_fixture.hpp"

namespace junctor {
namespace {

using test::configuration;
using testing::HasSubstr;

std::string error(const std::string& text) {
    try {
        configuration(text);
    } catch (const config::ConfigError& problem) {
        return problem.what();
    }
    return {};
}

TEST(HistoryFields, SayWhatIsKept) {
    const HistoryRulesPtr rules = configuration(R"(history: [{filter: "plant/#", messages: 10, bytes: 1MiB, age: 1h}, {filter: b, tenant: acme}])").history;
    ASSERT_EQ(rules->size(), 2);
    EXPECT_EQ(rules->rule(1).filter.text(), "plant/#");
    EXPECT_EQ(rules->rule(1).filter.tenant(), TenantId{});
    EXPECT_EQ(rules->rule(1).bounds, (HistoryBounds{10, 1 << 20, std::chrono::hours(1)}));
    EXPECT_EQ(rules->rule(2).bounds, (HistoryBounds{100'000, 64 << 20, std::chrono::hours(24 * 7)}));
    EXPECT_NE(rules->rule(2).filter.tenant(), TenantId{});
    EXPECT_TRUE(configuration("cores: 1").history->empty());
}

TEST(HistoryFields, TellWhatIsWrongWithAFilter) {
    EXPECT_THAT(error(R"(history: [{filter: "a/#/b"}])"), HasSubstr("'a/#/b' is no topic filter"));
    EXPECT_THAT(error(R"(history: [{filter: "$share/g/a"}])"), HasSubstr("is that of a group"));
    EXPECT_THAT(error(R"(history: [{filter: "$SYS/#"}])"), HasSubstr("begins with $"));
    EXPECT_THAT(error(R"(history: [{filter: "a/#"}, {filter: "a/+"}])"), HasSubstr("'a/+' never keeps anything: all of it goes to 'a/#'"));
    EXPECT_EQ(error(R"(history: [{filter: "a/+"}, {filter: "a/#"}])"), "");
    EXPECT_THAT(error("history: [{messages: 1}]"), HasSubstr("'filter' is missing"));
}

TEST(HistoryFields, AreBoundedTogether) {
    EXPECT_THAT(error("limits: {history: 1MiB}\nhistory: [{filter: a, bytes: 1MiB}, {filter: b, bytes: 1MiB}]"),
                HasSubstr("the histories may hold 2MiB together, and limits.history is 1MiB"));
    EXPECT_EQ(error("limits: {history: 2MiB}\nhistory: [{filter: a, bytes: 1MiB}, {filter: b, bytes: 1MiB}]"), "");
}

class HistoryReload : public test::ApplicationFixture {
protected:
    const Address web{"127.0.0.3", 0};
    static std::string text(const std::string& history) {
        return "cores: 2\nadmin: {address: \"127.0.0.1:0\"}\nconnectors: [{type: rest, address: \"127.0.0.3:0\"}]\nhistory: " + history + "\n";
    }
};

TEST_F(HistoryReload, ARunningGatewayTakesOtherRules) {
    run(text("[]"));
    EXPECT_THAT(get(web, "/v1/history/a"), HasSubstr("no_history"));
    application_->reload(configuration(text("[{filter: a}]")));
    const std::string begun = get(web, "/v1/history/a");
    EXPECT_THAT(begun, HasSubstr("\"last\":0"));
    application_->reload(configuration(text("[{filter: b}, {filter: a, messages: 5}]")));
    EXPECT_THAT(get(web, "/v1/history/a"), HasSubstr(begun.substr(begun.find("\"epoch\""), 27))) << "what stays goes on";
}

}  // namespace
}  // namespace junctor
